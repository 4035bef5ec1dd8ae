"""The part of the customer profile service's WSDL that is used, with the elements that the settings name.

A pod gives its own at `?WSDL`, with much that it imports; reading and changing a profile needs two operations of it.
Elements stand in any order, and what is not known is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import quoteattr

from duehook.plugins.oracle_fusion.settings import Profile

NAME: Final = "ReceivablesCustomerProfileService"
SERVICE: Final = "http://xmlns.oracle.com/apps/financials/receivables/customers/customerProfileService/"
TYPES: Final = f"{SERVICE}types/"
GET: Final = "getActiveCustomerProfile"
UPDATE: Final = "updateCustomerProfile"
ACCOUNT: Final = "AccountNumber"
_TEXT: Final = '<xsd:element name={0} type="xsd:string" minOccurs="0" nillable="true"/>'
_OPERATION: Final = """
<xsd:element name="{0}"><xsd:complexType><xsd:sequence>
 <xsd:element name="customerProfile" type="svc:CustomerProfile"/></xsd:sequence></xsd:complexType></xsd:element>
<xsd:element name="{0}Response"><xsd:complexType><xsd:sequence>
 <xsd:element name="result" type="svc:CustomerProfileResult"/></xsd:sequence></xsd:complexType></xsd:element>"""
_MESSAGE: Final = """
<message name="{0}"><part name="parameters" element="typ:{0}"/></message>
<message name="{0}Response"><part name="parameters" element="typ:{0}Response"/></message>"""
_PORT: Final = """
<operation name="{0}"><input message="tns:{0}"/><output message="tns:{0}Response"/></operation>"""
_BINDING: Final = """
<operation name="{0}"><soap:operation soapAction="{1}{0}"/>
 <input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>"""
_WHOLE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
 xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:tns="{service}" xmlns:svc="{service}" xmlns:typ="{types}"
 name="CustomerProfileService" targetNamespace="{service}">
<types>
<xsd:schema targetNamespace="{service}" elementFormDefault="qualified">
<xsd:complexType name="CustomerProfile"><xsd:all>{elements}</xsd:all></xsd:complexType>
<xsd:complexType name="CustomerProfileResult"><xsd:sequence>
 <xsd:element name="Value" type="svc:CustomerProfile" minOccurs="0" maxOccurs="unbounded"/>
</xsd:sequence></xsd:complexType>
</xsd:schema>
<xsd:schema targetNamespace="{types}" elementFormDefault="qualified">
<xsd:import namespace="{service}"/>{operations}
</xsd:schema>
</types>{messages}
<portType name="CustomerProfileService">{ports}
</portType>
<binding name="CustomerProfileServiceSoapHttp" type="tns:CustomerProfileService">
<soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>{bindings}
</binding>
<service name="CustomerProfileService"><port name="CustomerProfileServiceSoapHttpPort"
 binding="tns:CustomerProfileServiceSoapHttp"><soap:address location={address}/></port></service>
</definitions>
"""


def wsdl(address: str, profile: Profile, more: Iterable[str] = ()) -> str:
    """Return the WSDL of a pod whose service stands at this address; `more` are elements that a site maps."""
    named = dict.fromkeys(
        [ACCOUNT, profile.party, profile.collector, profile.analyst, profile.hold, profile.limit,
         profile.limit_currency, profile.status,
         profile.terms, profile.id, profile.version, *more]
    )  # fmt: skip
    used = (GET, UPDATE)
    return _WHOLE.format(
        service=SERVICE, types=TYPES, address=quoteattr(address),
        elements="".join(_TEXT.format(quoteattr(each)) for each in named if each),
        operations="".join(map(_OPERATION.format, used)), messages="".join(map(_MESSAGE.format, used)),
        ports="".join(map(_PORT.format, used)), bindings="".join(_BINDING.format(each, SERVICE) for each in used),
    )  # fmt: skip
