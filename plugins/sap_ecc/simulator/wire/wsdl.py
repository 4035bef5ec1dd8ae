"""The description of a function module's service, as SOAMANAGER publishes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from duehook.core.testing.simulator import Reply
from duehook.plugins.sap_ecc.simulator.functions.module import Fields, Module
from duehook.plugins.sap_ecc.simulator.tables.schema import Column

from .soap import FUNCTIONS, XML

_TYPES: Final = {"P": "xsd:decimal", "X": "xsd:int"}
_SOAP: Final = "http://schemas.xmlsoap.org/wsdl/soap/"
_HTTP: Final = "http://schemas.xmlsoap.org/soap/http"


def wsdl(name: str, module: Module, address: str) -> Reply:
    """Describe a module that is called by this name at this address."""
    sent = {**module.imports, **dict.fromkeys(module.tables)}
    given = {**module.exports, **dict.fromkeys(module.tables)}
    body = (
        f'<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
        f'xmlns:soap="{_SOAP}" xmlns:tns="{FUNCTIONS}" targetNamespace="{FUNCTIONS}"><wsdl:types>'
        f'<xsd:schema targetNamespace="{FUNCTIONS}" xmlns="{FUNCTIONS}">{"".join(_tables(module))}'
        f"{_element(module, name, sent)}{_element(module, f'{name}.Response', given)}</xsd:schema></wsdl:types>"
        f"{_message(name)}{_message(f'{name}.Response')}"
        f'<wsdl:portType name="{name}"><wsdl:operation name="{name}"><wsdl:input message="tns:{name}"/>'
        f'<wsdl:output message="tns:{name}.Response"/></wsdl:operation></wsdl:portType>'
        f'<wsdl:binding name="{name}" type="tns:{name}"><soap:binding transport="{_HTTP}"/>'
        f'<wsdl:operation name="{name}"><soap:operation soapAction=""/>'
        f'<wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output>'
        f'</wsdl:operation></wsdl:binding><wsdl:service name="{name}">'
        f'<wsdl:port name="{name}" binding="tns:{name}"><soap:address location="{address}"/>'
        f"</wsdl:port></wsdl:service></wsdl:definitions>"
    )
    return Reply(f'<?xml version="1.0" encoding="utf-8"?>{body}'.encode(), 200, XML)


def _message(name: str) -> str:
    return f'<wsdl:message name="{name}"><wsdl:part name="parameters" element="tns:{name}"/></wsdl:message>'


def _element(module: Module, name: str, parameters: dict[str, Any]) -> str:
    inner = "".join(_parameter(module, each, shape) for each, shape in parameters.items())
    return f'<xsd:element name="{name}"><xsd:complexType><xsd:all>{inner}</xsd:all></xsd:complexType></xsd:element>'


def _parameter(module: Module, name: str, shape: Any) -> str:
    if name in module.tables:
        return f'<xsd:element name="{name}" type="tns:TABLE_OF_{name}" minOccurs="0"/>'
    if isinstance(shape, Column):
        return f'<xsd:element name="{name}" type="{_type(shape)}" minOccurs="0"/>'
    return f'<xsd:element name="{name}"><xsd:complexType>{_sequence(shape)}</xsd:complexType></xsd:element>'


def _tables(module: Module) -> Iterator[str]:
    for name, shape in module.tables.items():
        yield (
            f'<xsd:complexType name="TABLE_OF_{name}"><xsd:sequence><xsd:element name="item" minOccurs="0" '
            f'maxOccurs="unbounded"><xsd:complexType>{_sequence(shape)}</xsd:complexType></xsd:element></xsd:sequence>'
            f"</xsd:complexType>"
        )


def _sequence(shape: Fields) -> str:
    inner = "".join(f'<xsd:element name="{name}" type="{_type(each)}"/>' for name, each in shape.items())
    return f"<xsd:sequence>{inner}</xsd:sequence>"


def _type(column: Column) -> str:
    return _TYPES.get(column.type, "xsd:string")
