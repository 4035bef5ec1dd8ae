"""The WSDL of the service, as it is served at `?WSDL`."""

from __future__ import annotations

from typing import Final

from .envelope import ERRORS, SERVICE, TYPES

FIELDS: Final = {  # of a profile, with their types
    "AccountNumber": "string", "SiteNumber": "string", "CustomerAccountId": "long", "CustomerAccountProfileId": "long",
    "PartyId": "long", "PartyNumber": "string", "AccountStatusValue": "string", "ProfileClassName": "string",
    "CollectorName": "string", "CreditAnalystName": "string", "CreditHold": "string", "CreditLimit": "decimal",
    "CreditCurrencyCode": "string", "PaymentTerms": "string", "EffectiveStartDate": "date",
    "ObjectVersionNumber": "int",
}  # fmt: skip
OPERATIONS: Final = ("getActiveCustomerProfile", "updateCustomerProfile")

_TEXT: Final = """<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions name="CustomerProfileService" targetNamespace="{service}" xmlns:tns="{service}" xmlns:typ="{types}"
    xmlns:err="{errors}" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"
    xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/">
  <wsdl:types>
    <xsd:schema targetNamespace="{service}" elementFormDefault="qualified">
      <xsd:complexType name="CustomerProfile"><xsd:sequence>
{fields}
      </xsd:sequence></xsd:complexType>
      <xsd:complexType name="CustomerProfileResult"><xsd:sequence>
        <xsd:element name="Value" type="tns:CustomerProfile" minOccurs="0" maxOccurs="unbounded"/>
      </xsd:sequence></xsd:complexType>
    </xsd:schema>
    <xsd:schema targetNamespace="{errors}" elementFormDefault="qualified">
      <xsd:element name="ServiceErrorMessage" type="err:ServiceErrorMessage"/>
      <xsd:complexType name="ServiceErrorMessage"><xsd:sequence>
        <xsd:element name="code" type="xsd:string" minOccurs="0"/>
        <xsd:element name="message" type="xsd:string" minOccurs="0"/>
        <xsd:element name="severity" type="xsd:string" minOccurs="0"/>
        <xsd:any minOccurs="0" maxOccurs="unbounded" processContents="lax" namespace="##any"/>
      </xsd:sequence></xsd:complexType>
    </xsd:schema>
    <xsd:schema targetNamespace="{types}" elementFormDefault="qualified">
      <xsd:import namespace="{service}"/>
{elements}
    </xsd:schema>
  </wsdl:types>
  <wsdl:message name="ServiceException"><wsdl:part name="fault" element="err:ServiceErrorMessage"/></wsdl:message>
{messages}
  <wsdl:portType name="CustomerProfileService">
{operations}
  </wsdl:portType>
  <wsdl:binding name="CustomerProfileServiceSoapHttp" type="tns:CustomerProfileService">
    <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
{bound}
  </wsdl:binding>
  <wsdl:service name="CustomerProfileService">
    <wsdl:port name="CustomerProfileServiceSoapHttpPort" binding="tns:CustomerProfileServiceSoapHttp">
      <soap:address location="{address}"/>
    </wsdl:port>
  </wsdl:service>
</wsdl:definitions>
"""
_ELEMENT: Final = """      <xsd:element name="{name}"><xsd:complexType><xsd:sequence>
        <xsd:element name="customerProfile" type="svc:CustomerProfile" xmlns:svc="{service}"/>
      </xsd:sequence></xsd:complexType></xsd:element>
      <xsd:element name="{name}Response"><xsd:complexType><xsd:sequence>
        <xsd:element name="result" type="svc:CustomerProfileResult" xmlns:svc="{service}"/>
      </xsd:sequence></xsd:complexType></xsd:element>"""
_MESSAGE: Final = """  <wsdl:message name="{name}"><wsdl:part name="parameters" element="typ:{name}"/></wsdl:message>
  <wsdl:message name="{name}Response"><wsdl:part name="parameters" element="typ:{name}Response"/></wsdl:message>"""
_OPERATION: Final = """    <wsdl:operation name="{name}">
      <wsdl:input message="tns:{name}"/><wsdl:output message="tns:{name}Response"/>
      <wsdl:fault name="ServiceException" message="tns:ServiceException"/>
    </wsdl:operation>"""
_BOUND: Final = """    <wsdl:operation name="{name}"><soap:operation soapAction="{service}{name}"/>
      <wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output>
      <wsdl:fault name="ServiceException"><soap:fault name="ServiceException" use="literal"/></wsdl:fault>
    </wsdl:operation>"""


def wsdl(address: str) -> str:
    """Return the document, for the service at this address."""
    return _TEXT.format(
        service=SERVICE, types=TYPES, errors=ERRORS, address=address,
        fields="\n".join(_field(name, kind) for name, kind in FIELDS.items()), elements=_each(_ELEMENT),
        messages=_each(_MESSAGE), operations=_each(_OPERATION), bound=_each(_BOUND),
    )  # fmt: skip


def _field(name: str, kind: str) -> str:
    return f'        <xsd:element name="{name}" type="xsd:{kind}" minOccurs="0" nillable="true"/>'


def _each(template: str) -> str:
    return "\n".join(template.format(name=name, service=SERVICE) for name in OPERATIONS)
