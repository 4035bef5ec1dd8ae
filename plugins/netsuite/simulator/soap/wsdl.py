"""The account's WSDL: the part of SuiteTalk that the simulated account answers, made of what it can be asked.

Written anew from the names of the searches and a short list of types: NetSuite's own is a hundred times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import groupby
from typing import Final

from duehook.core.testing.simulator import Reply, Request

from .names import (
    COMMON,
    COMMUNICATION,
    CORE,
    CUSTOMERS,
    MESSAGES,
    PATH,
    SALES,
    SCHEDULING,
    VERSION,
)
from .names import RELATIONSHIPS as PARTIES
from .search.source import Part
from .searching import SOURCES

WSDL: Final = f"/wsdl/v{VERSION}_0/netsuite.wsdl"
PLATFORM: Final = f"urn:platform_{VERSION}.webservices.netsuite.com"
_JOINED: Final = {  # whose fields a join has
    "applyingTransactionJoin": "Transaction", "appliedToTransactionJoin": "Transaction", "customerMainJoin": "Customer",
    "customerJoin": "Customer", "installmentJoin": "Installment", "mseSubsidiaryJoin": "MseSubsidiary",
    "subsidiaryJoin": "Subsidiary",
}  # fmt: skip
_FILTERS: Final = {
    "ref": "MultiSelect", "enum": "EnumMultiSelect", "number": "Double", "long": "Long", "bool": "Boolean",
    "date": "Date", "stamp": "Date", "text": "String", "textnumber": "TextNumber",
}  # fmt: skip
_COLUMNS: Final = {**_FILTERS, "ref": "Select", "enum": "EnumSelect", "language": "EnumSelect"}
_VALUES: Final = {
    "String": "string", "TextNumber": "string", "EnumMultiSelect": "string", "EnumSelect": "string",
    "Double": "double", "Long": "long", "Boolean": "boolean", "Date": "dateTime", "MultiSelect": "core:RecordRef",
    "Select": "core:RecordRef",
}  # fmt: skip
# Types by namespace: `Name < Base`, its elements `name:type` (`*` any number), its attributes `@name`; a type may go
# on in a line that stands further in.
_TYPES: Final = {
    CORE: """
        NullField name:string*
        Record nullFieldList:core:NullField
        BaseRef name:string
        RecordRef < core:BaseRef @internalId @externalId @type
        CustomizationRef < core:RecordRef @scriptId
        ListOrRecordRef name:string @internalId @externalId @typeId
        SearchRecord
        SearchRecordBasic < core:SearchRecord
        SearchRow
        SearchRowBasic < core:SearchRow
        SearchColumnField customLabel:string
        SearchColumnCustomField customLabel:string @internalId @scriptId
        SearchColumnStringCustomField < core:SearchColumnCustomField searchValue:string
        SearchColumnDoubleCustomField < core:SearchColumnCustomField searchValue:double
        SearchColumnLongCustomField < core:SearchColumnCustomField searchValue:long
        SearchColumnDateCustomField < core:SearchColumnCustomField searchValue:dateTime
        SearchColumnBooleanCustomField < core:SearchColumnCustomField searchValue:boolean
        SearchColumnSelectCustomField < core:SearchColumnCustomField searchValue:core:ListOrRecordRef
        SearchColumnCustomFieldList customField:core:SearchColumnCustomField*
        CustomFieldRef @internalId @scriptId
        StringCustomFieldRef < core:CustomFieldRef value:string
        DoubleCustomFieldRef < core:CustomFieldRef value:double
        LongCustomFieldRef < core:CustomFieldRef value:long
        DateCustomFieldRef < core:CustomFieldRef value:dateTime
        BooleanCustomFieldRef < core:CustomFieldRef value:boolean
        SelectCustomFieldRef < core:CustomFieldRef value:core:ListOrRecordRef
        CustomFieldList customField:core:CustomFieldRef*
        GetAllRecord @recordType
        GetDeletedFilter deletedDate:core:SearchDateField type:core:SearchEnumMultiSelectField
        CustomizationType @getCustomizationType
        TokenPassport account:string consumerKey:string token:string nonce:string timestamp:long
            signature:core:TokenPassportSignature
    """,
    MESSAGES: """
        SearchPreferences bodyFieldsOnly:boolean returnSearchColumns:boolean pageSize:int
        Preferences warningAsError:boolean ignoreReadOnlyFields:boolean
    """,
    PARTIES: """
        Customer < core:Record terms:core:RecordRef creditLimit:double creditHoldOverride:string
            customFieldList:core:CustomFieldList @internalId @externalId
    """,
    SALES: """
        Invoice < core:Record customFieldList:core:CustomFieldList @internalId @externalId
    """,
    CUSTOMERS: """
        CreditMemo < core:Record customFieldList:core:CustomFieldList @internalId @externalId
        CustomerPayment < core:Record customFieldList:core:CustomFieldList @internalId @externalId
        CustomerDeposit < core:Record customFieldList:core:CustomFieldList @internalId @externalId
    """,
    COMMUNICATION: """
        Note < core:Record title:string direction:string noteDate:dateTime note:string entity:core:RecordRef
            transaction:core:RecordRef @internalId @externalId
    """,
    SCHEDULING: """
        PhoneCall < core:Record message:string company:core:RecordRef transaction:core:RecordRef title:string
            completedDate:dateTime status:string @internalId @externalId
    """,
}
_MORE: Final = re.compile(r"\n {12}")
_ASKED: Final = {  # what an operation's request holds
    "search": "searchRecord:core:SearchRecord", "searchMoreWithId": "searchId:string pageIndex:int",
    "get": "baseRef:core:BaseRef", "getList": "baseRef:core:BaseRef*", "getAll": "record:core:GetAllRecord",
    "getDeleted": "getDeletedFilter:core:GetDeletedFilter pageIndex:int", "getServerTime": "",
    "getCustomizationId": "customizationType:core:CustomizationType includeInactives:boolean",
    "add": "record:core:Record", "update": "record:core:Record", "upsert": "record:core:Record",
}  # fmt: skip
_HEADERS: Final = {
    "tokenPassport": "core:TokenPassport", "preferences": "msg:Preferences",
    "searchPreferences": "msg:SearchPreferences",
}  # fmt: skip
_SIGNATURE: Final = (
    '<xsd:complexType name="TokenPassportSignature"><xsd:simpleContent><xsd:extension base="xsd:string">'
    '<xsd:attribute name="algorithm" type="xsd:string"/></xsd:extension></xsd:simpleContent></xsd:complexType>'
)


def answer(request: Request) -> Reply | None:
    """Give the WSDL where that is asked for; anybody may read it."""
    if request.path != WSDL or request.method != "GET":
        return None
    host = next((text for name, text in request.headers.items() if name.lower() == "host"), "")
    return Reply(document().replace("{host}", host).encode(), content_type="text/xml; charset=utf-8")


@cache
def document() -> str:
    """Return the WSDL with a place for the account's host."""
    spaces = {"core": CORE, "msg": MESSAGES, "common": COMMON, "tns": PLATFORM}
    declared = " ".join(f'xmlns:{prefix}="{space}"' for prefix, space in spaces.items())
    return (
        f'<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" '
        f'xmlns:xsd="http://www.w3.org/2001/XMLSchema" {declared} targetNamespace="{PLATFORM}">'
        f"<types>{''.join(_schemas())}</types>{''.join(_operations())}"
        '<service name="NetSuiteService"><port name="NetSuitePort" binding="tns:NetSuiteBinding">'
        f'<soap:address location="http://{{host}}{PATH}"/></port></service></definitions>'
    )


def _schemas() -> Iterator[str]:
    texts = {space: _MORE.sub(" ", text).strip() for space, text in _TYPES.items()}
    lines = [(space, _type(line.split())) for space, text in texts.items() for line in text.splitlines()]
    lines += [(CORE, _SIGNATURE), *((CORE, each) for each in _fields()), *_searches(), *_elements()]
    lines.sort(key=lambda pair: pair[0])
    spaces = [space for space, _ in groupby(lines, key=lambda pair: pair[0])]
    imports = "".join(f'<xsd:import namespace="{space}"/>' for space in spaces)
    for space, group in groupby(lines, key=lambda pair: pair[0]):
        types = "".join(text for _, text in group)
        own = imports.replace(f'<xsd:import namespace="{space}"/>', "")
        yield f'<xsd:schema targetNamespace="{space}" elementFormDefault="qualified">{own}{types}</xsd:schema>'


def _fields() -> Iterator[str]:
    """Yield the types of what a search is asked by, and of its columns."""
    for kind in dict.fromkeys(_FILTERS.values()):
        many = "*" if kind.endswith("Select") else ""
        by = "" if kind == "Boolean" else "@operator"
        value = _VALUES[kind]
        second = f"searchValue2:{value}" if kind in {"Date", "Double", "Long", "TextNumber"} else ""
        first = "predefinedSearchValue:string" if kind == "Date" else ""
        yield _type(f"Search{kind}Field {first} searchValue:{value}{many} {second} {by}".split())
    for kind in dict.fromkeys(_COLUMNS.values()):
        yield _type(f"SearchColumn{kind}Field < core:SearchColumnField searchValue:{_VALUES[kind]}".split())


def _searches() -> Iterator[tuple[str, str]]:
    parts: dict[str, Part] = {}
    for source in SOURCES.values():
        joins = {name: _JOINED[name] for name in source.joins}
        parts |= {joins[name]: held for name, held in source.joins.items() if joins[name] not in parts}
        parts[source.name] = source.basic
        for end, suffix in (("Search", "SearchBasic"), ("SearchRow", "SearchRowBasic")):
            named = " ".join(f"{name}:common:{other}{suffix}" for name, other in joins.items())
            base = "core:SearchRow" if end == "SearchRow" else "core:SearchRecord"
            yield (
                source.namespace,
                _type(f"{source.name}{end} < {base} basic:common:{source.name}{suffix} {named}".split()),
            )
        yield source.namespace, _advanced(source.name, source.namespace)
    for name, held in parts.items():
        yield COMMON, _basic(f"{name}SearchBasic < core:SearchRecordBasic", _kinds(held, filters=True), "")
        yield COMMON, _basic(f"{name}SearchRowBasic < core:SearchRowBasic", _kinds(held, filters=False), "*")


def _kinds(part: Part, *, filters: bool) -> Mapping[str, str]:
    words = _FILTERS if filters else _COLUMNS
    fields = part.filters if filters else part.columns
    found = {name: f"core:Search{'' if filters else 'Column'}{words[asked.kind.partition('.')[0]]}Field"
             for name, asked in fields.items()}  # fmt: skip
    return dict(sorted(found.items(), key=lambda pair: pair[0].lower()))


def _basic(head: str, kinds: Mapping[str, str], many: str) -> str:
    more = ["customFieldList:core:SearchColumnCustomFieldList"] if many else []
    return _type([*head.split(), *(f"{name}:{kind}{many}" for name, kind in kinds.items()), *more])


def _advanced(name: str, space: str) -> str:
    text = f"{name}SearchAdvanced < core:SearchRecord criteria:own:{name}Search columns:own:{name}SearchRow"
    made = _type([*text.split(), "@savedSearchId", "@savedSearchScriptId"])
    return made.replace("<xsd:complexType ", f'<xsd:complexType xmlns:own="{space}" ', 1)


def _elements() -> Iterator[tuple[str, str]]:
    for name, asked in _ASKED.items():
        held = "".join(_element(each) for each in asked.split())
        made = f'<xsd:element name="{name}"><xsd:complexType><xsd:sequence>{held}</xsd:sequence></xsd:complexType>'
        yield MESSAGES, f'{made}</xsd:element><xsd:element name="{name}Response"/>'
    for name, kind in _HEADERS.items():
        yield MESSAGES, f'<xsd:element name="{name}" type="{kind}"/>'


def _operations() -> Iterator[str]:
    for name in _ASKED:
        for end in ("", "Response"):
            yield f'<message name="{name}{end}"><part name="parameters" element="msg:{name}{end}"/></message>'
    said = [f'<operation name="{name}"><input message="tns:{name}"/><output message="tns:{name}Response"/></operation>'
            for name in _ASKED]  # fmt: skip
    yield f'<portType name="NetSuitePortType">{"".join(said)}</portType>'
    body = '<input><soap:body use="literal"/></input><output><soap:body use="literal"/></output>'
    bound = [f'<operation name="{name}"><soap:operation soapAction="{name}"/>{body}</operation>' for name in _ASKED]
    transport = '<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>'
    yield f'<binding name="NetSuiteBinding" type="tns:NetSuitePortType">{transport}{"".join(bound)}</binding>'


def _type(words: list[str]) -> str:
    """Return a type of `Name < Base element:type @attribute`."""
    name, *rest = words
    base = rest.pop(1) if rest[:1] == ["<"] else None
    inner = "".join(_element(word) for word in rest if ":" in word)
    content = f"<xsd:sequence>{inner}</xsd:sequence>" if inner else ""
    content += "".join(f'<xsd:attribute name="{word[1:]}" type="xsd:string"/>' for word in rest if word[0] == "@")
    if base:
        content = f'<xsd:complexContent><xsd:extension base="{base}">{content}</xsd:extension></xsd:complexContent>'
    return f'<xsd:complexType name="{name}">{content}</xsd:complexType>'


def _element(word: str) -> str:
    name, _, kind = word.rstrip("*").partition(":")
    typed = kind if ":" in kind else f"xsd:{kind}"
    many = ' maxOccurs="unbounded"' if word.endswith("*") else ""
    return f'<xsd:element name="{name}" type="{typed}" minOccurs="0"{many}/>'
