"""A description of the service of our own making, in the place of the one that a site downloads from its system.

What is in it are the names that public material tells of SAP's own: the namespace, the operation, the message and
what a change of an item is made of. SAP's own has more of everything.
"""

from __future__ import annotations

from typing import Final

SFIN: Final = "http://sap.com/xi/SAPSCORE/SFIN"
MESSAGE: Final = "JournalEntryBulkChangeRequestMessage"
PORT: Final = "JournalEntryBulkChangeRequest_In"
ACTION: Final = f"{SFIN}/{PORT}/{PORT}Request"
PATH: Final = "/sap/bc/srt/scs_ext/sap/journalentrybulkchangerequest_"
# What may be changed of an item, each in an element `…Change` of its own, in this order.
CHANGES: Final = (
    "DocumentItemText", "AssignmentReference", "LastDunningDate", "DunningBlockingReasonCode", "DunningLevel",
    "DunningKey", "PaymentTerms", "PaymentMethod", "PaymentBlockingReasonCode",
)  # fmt: skip
_CHANGE: Final = """
  <xsd:complexType name="{0}Change"><xsd:sequence>
   <xsd:element name="{0}" type="Code"/>
   <xsd:element name="FieldValueChangeIsRequested" default="false" type="xsd:boolean"/>
  </xsd:sequence></xsd:complexType>"""
_WHOLE: Final = """<?xml version="1.0" encoding="utf-8"?>
<wsdl:definitions targetNamespace="{space}" xmlns:tns="{space}" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"
 xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy"
 xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
 xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/">
 <wsp:UsingPolicy wsdl:required="true"/>
 <wsdl:types><xsd:schema targetNamespace="{space}" xmlns="{space}">
  <xsd:element name="{message}" type="ChangeRequest"/>
  <xsd:complexType name="ChangeRequest"><xsd:sequence>
   <xsd:element name="MessageHeader" type="Header"/>
   <xsd:element name="JournalEntryDebtorCreditorItem" minOccurs="0" maxOccurs="unbounded" type="ItemChange"/>
  </xsd:sequence></xsd:complexType>
  <xsd:complexType name="Header"><xsd:sequence>
   <xsd:element name="ID" minOccurs="0" type="MessageID"/>
   <xsd:element name="UUID" minOccurs="0" type="xsd:token"/>
   <xsd:element name="CreationDateTime" type="xsd:dateTime"/>
   <xsd:element name="TestDataIndicator" minOccurs="0" type="xsd:boolean"/>
   <xsd:element name="SenderBusinessSystemID" minOccurs="0" type="xsd:token"/>
  </xsd:sequence></xsd:complexType>
  <xsd:complexType name="MessageID"><xsd:simpleContent><xsd:extension base="xsd:token">
   <xsd:attribute name="schemeID" type="xsd:token"/>
  </xsd:extension></xsd:simpleContent></xsd:complexType>
  <xsd:simpleType name="CodeText"><xsd:restriction base="xsd:token"><xsd:maxLength value="50"/></xsd:restriction>
  </xsd:simpleType>
  <xsd:complexType name="Code"><xsd:simpleContent><xsd:extension base="CodeText">
   <xsd:attribute name="listID" type="xsd:token"/>
  </xsd:extension></xsd:simpleContent></xsd:complexType>
  <xsd:complexType name="ItemKey"><xsd:sequence>
   <xsd:element name="AccountingDocument" type="xsd:token"/>
   <xsd:element name="CompanyCode" type="xsd:token"/>
   <xsd:element name="FiscalYear" type="xsd:token"/>
   <xsd:element name="AccountingDocumentItemID" type="xsd:token"/>
  </xsd:sequence></xsd:complexType>
  <xsd:complexType name="ItemChange"><xsd:sequence>
   <xsd:element name="MessageHeader" type="Header"/>
   <xsd:element name="ItemKey" type="ItemKey"/>{fields}
  </xsd:sequence></xsd:complexType>{changes}
 </xsd:schema></wsdl:types>
 <wsdl:message name="{message}"><wsdl:part name="{message}" element="tns:{message}"/></wsdl:message>
 <wsdl:portType name="{port}"><wsdl:operation name="{port}">
  <wsdl:input message="tns:{message}"/>
 </wsdl:operation></wsdl:portType>
 <wsdl:binding name="binding_soap12" type="tns:{port}">
  <soap12:binding transport="http://schemas.xmlsoap.org/soap/http" style="document"/>
  <wsdl:operation name="{port}"><soap12:operation soapAction="{action}" style="document"/>
   <wsdl:input><soap12:body use="literal"/></wsdl:input>
  </wsdl:operation>
 </wsdl:binding>
 <wsdl:binding name="binding" type="tns:{port}">
  <soap:binding transport="http://schemas.xmlsoap.org/soap/http" style="document"/>
  <wsp:Policy><UsingAddressing xmlns="http://www.w3.org/2006/05/addressing/wsdl"/></wsp:Policy>
  <wsdl:operation name="{port}"><soap:operation soapAction="{action}" style="document"/>
   <wsdl:input><soap:body use="literal"/></wsdl:input>
  </wsdl:operation>
 </wsdl:binding>
 <wsdl:service name="service">
  <wsdl:port name="binding_soap12" binding="tns:binding_soap12"><soap12:address location="{address}"/></wsdl:port>
  <wsdl:port name="binding" binding="tns:binding"><soap:address location="{address}"/></wsdl:port>
 </wsdl:service>
</wsdl:definitions>
"""


def wsdl(url: str) -> str:
    """Return the description of the service of a system at this URL."""
    fields = "".join(f'\n   <xsd:element name="{name}Change" minOccurs="0" type="{name}Change"/>' for name in CHANGES)
    return _WHOLE.format(
        space=SFIN, message=MESSAGE, port=PORT, action=ACTION, address=f"{url}{PATH}", fields=fields,
        changes="".join(map(_CHANGE.format, CHANGES)),
    )  # fmt: skip
