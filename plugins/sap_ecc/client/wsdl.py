"""A WSDL of our own for a function module: its single values are texts, its tables lists of `item`.

SAP serves one for each function that is published in SOAMANAGER; what is used of it is so little that it need not be
fetched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from xml.sax.saxutils import quoteattr

NAMESPACE: Final = "urn:sap-com:document:sap:rfc:functions"
Shape = Mapping[str, Sequence[str] | None]  # parameters by name: the columns of a table, None for a single value
_TEXT: Final = '<xsd:element name={0} type="xsd:string" minOccurs="0"/>'
_TABLE: Final = """
<xsd:element name={0} minOccurs="0"><xsd:complexType><xsd:sequence>
 <xsd:element name="item" minOccurs="0" maxOccurs="unbounded"><xsd:complexType><xsd:sequence>{1}</xsd:sequence>
 </xsd:complexType></xsd:element></xsd:sequence></xsd:complexType></xsd:element>"""
_WHOLE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
 xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:tns="{space}" targetNamespace="{space}">
<types><xsd:schema targetNamespace="{space}" elementFormDefault="unqualified">
<xsd:element name={name}><xsd:complexType><xsd:sequence>{parameters}</xsd:sequence></xsd:complexType></xsd:element>
<xsd:element name={answer}><xsd:complexType/></xsd:element>
</xsd:schema></types>
<message name="asked"><part name="parameters" element={tns_name}/></message>
<message name="answered"><part name="parameters" element={tns_answer}/></message>
<portType name="function"><operation name="call">
 <input message="tns:asked"/><output message="tns:answered"/></operation></portType>
<binding name="function" type="tns:function"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
<operation name="call"><soap:operation soapAction=""/>
 <input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
<service name="function"><port name="function" binding="tns:function"><soap:address location={address}/></port>
</service>
</definitions>
"""


def wsdl(name: str, shape: Shape, address: str) -> str:
    """Return the description of a function with these parameters at this address."""
    return _WHOLE.format(
        space=NAMESPACE, name=quoteattr(name), answer=quoteattr(f"{name}.Response"),
        tns_name=quoteattr(f"tns:{name}"), tns_answer=quoteattr(f"tns:{name}.Response"),
        address=quoteattr(address), parameters="".join(_parameter(each, held) for each, held in shape.items()),
    )  # fmt: skip


def _parameter(name: str, columns: Sequence[str] | None) -> str:
    if columns is None:
        return _TEXT.format(quoteattr(name))
    return _TABLE.format(quoteattr(name), "".join(_TEXT.format(quoteattr(each)) for each in columns))
