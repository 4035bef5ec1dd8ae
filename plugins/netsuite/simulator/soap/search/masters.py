"""Searches of customers, contacts, subsidiaries, terms and contact roles."""

from __future__ import annotations

from typing import Final

from duehook.plugins.netsuite.simulator.soap.names import ACCOUNTING, RELATIONSHIPS

from .source import Joined, Source, part

CUSTOMER_FIELDS: Final = part(
    """
    accountNumber text c.accountnumber
    address text a.addr1
    addressee text a.addressee
    category ref c.category
    city text a.city
    companyName text c.companyname
    country enum.country a.country
    creditHold enum.hold c.creditholdoverride
    creditLimit number c.creditlimit
    currency ref c.currency
    dateCreated stamp c.datecreated
    email text c.email
    entityId text c.entityid
    entityStatus ref c.entitystatus
    externalId ref c.externalid
    fax text NULL
    firstName text c.firstname
    internalId ref c.id
    isInactive bool c.isinactive
    isPerson bool c.isperson
    lastModifiedDate stamp c.lastmodifieddate
    lastName text c.lastname
    onCreditHold bool c.oncredithold
    parent ref c.parent
    phone text c.phone
    salesRep ref c.salesrep
    stage enum.stage c.searchstage
    subsidiary ref r.subsidiary
    terms ref c.terms
    title text NULL
    url text NULL
    vatRegNumber text c.vatregnumber
    zipCode text a.zip
    """,
    filters="""
    externalIdString text c.externalid
    internalIdNumber long c.id
    """,
    columns="""
    address1 text a.addr1
    address2 text a.addr2
    altEmail text c.altemail
    altName text c.altname
    altPhone text c.altphone
    billAddress1 text a.addr1
    billAddress2 text a.addr2
    billAddressee text a.addressee
    billCity text a.city
    billCountry enum.country a.country
    billCountryCode text a.country
    billState text a.state
    billZipCode text a.zip
    comments text c.comments
    countryCode text a.country
    language language c.language
    state text a.state
    """,
)
_OF_SUBSIDIARY: Final = """
    country enum.country {0}.country
    currency ref {0}.currency
    internalId ref {0}.id
    isElimination bool {0}.iselimination
    isInactive bool {0}.isinactive
    legalName text {0}.legalname
    name text {0}.fullname
    nameNoHierarchy text {0}.name
    taxIdNum text {0}.federalidnumber
"""
_ADDRESS: Final = Joined("", "LEFT JOIN entityaddress a ON a.nkey = c.defaultbillingaddress")
_OF: Final = "LEFT JOIN customersubsidiaryrelationship {0} ON {0}.entity = c.id"
CUSTOMER: Final = Source(
    "Customer", RELATIONSHIPS, "customer", "customer", "customer c", "c.id", CUSTOMER_FIELDS,
    {
        "a": _ADDRESS,
        "r": Joined("", f"{_OF.format('r')} AND r.isprimarysub = 'T'"),
        "m": Joined("", _OF.format("m"), "m.id"),
        "s": Joined("m", "LEFT JOIN subsidiary s ON s.id = m.subsidiary"),
    },
    {
        "mseSubsidiaryJoin": part(
            f"{_OF_SUBSIDIARY.format('s')}    primary bool m.isprimarysub", filters="internalIdNumber long s.id",
        ),
    },
)  # fmt: skip
CONTACT: Final = Source(
    "Contact", RELATIONSHIPS, "contact", "contact", "contact x", "x.id",
    part(
        """
        company ref x.company
        contactRole ref x.contactrole
        dateCreated stamp x.datecreated
        email text x.email
        entityId text x.entityid
        externalId ref x.externalid
        firstName text x.firstname
        internalId ref x.id
        isInactive bool x.isinactive
        lastModifiedDate stamp x.lastmodifieddate
        lastName text x.lastname
        phone text x.phone
        title text x.title
        """,
        filters="""
        externalIdString text x.externalid
        internalIdNumber long x.id
        """,
    ),
)  # fmt: skip
RELATION: Final = Source(
    "CustomerSubsidiaryRelationship", RELATIONSHIPS, "customerSubsidiaryRelationship", "customer",
    "customersubsidiaryrelationship m", "m.id",
    part(
        """
        entity ref m.entity
        internalId ref m.id
        primaryCurrency ref m.primarycurrency
        subsidiary ref m.subsidiary
        """,
        filters="""
        internalIdNumber long m.id
        isPrimarySub bool m.isprimarysub
        """,
        columns="isprimarysub bool m.isprimarysub",
    ),
    {
        "c": Joined("", "JOIN customer c ON c.id = m.entity"),
        "a": Joined("c", _ADDRESS.sql),
        "r": Joined("c", f"{_OF.format('r')} AND r.isprimarysub = 'T'"),
        "s": Joined("", "JOIN subsidiary s ON s.id = m.subsidiary"),
    },
    {
        "customerJoin": CUSTOMER_FIELDS,
        "subsidiaryJoin": part(_OF_SUBSIDIARY.format("s"), filters="internalIdNumber long s.id"),
    },
)  # fmt: skip
SUBSIDIARY: Final = Source(
    "Subsidiary", ACCOUNTING, "subsidiary", "subsidiary", "subsidiary s", "s.id",
    part(_OF_SUBSIDIARY.format("s"), filters="internalIdNumber long s.id"),
)  # fmt: skip
TERM: Final = Source(
    "Term", ACCOUNTING, "term", "term", "term e", "e.id",
    part(
        """
        dateDriven bool e.datedriven
        daysUntilExpiry long e.daysuntilexpiry
        daysUntilNetDue long e.daysuntilnetdue
        discountPercent number e.discountpercent
        internalId ref e.id
        isInactive bool e.isinactive
        name text e.name
        """,
        filters="internalIdNumber long e.id",
    ),
)  # fmt: skip
ROLE: Final = Source(
    "ContactRole", ACCOUNTING, "contactRole", "contact", "contactrole q", "q.id",
    part(
        """
        description text q.description
        internalId ref q.id
        isInactive bool q.isinactive
        name text q.name
        """,
        filters="internalIdNumber long q.id",
    ),
)  # fmt: skip
ACCOUNT: Final = Source(
    "Account", ACCOUNTING, "account", "account", "account g", "g.id",
    part(
        """
        description text g.description
        displayName text g.acctnumber || ' ' || g.fullname
        internalId ref g.id
        isInactive bool g.isinactive
        name text g.fullname
        number text g.acctnumber
        type enum.account g.accttype
        """,
        filters="""
        internalIdNumber long g.id
        parent ref g.parent
        """,
    ),
)  # fmt: skip
