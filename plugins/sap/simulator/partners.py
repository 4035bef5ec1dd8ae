"""Business partners, customers, their company data and contacts, as rows over the book.

- Every customer is a business partner; every third has a partner number that is not its customer number.
- A customer stands in its home company and in every company that it has documents in; each is an
  A_CustomerCompany. Company, dunning and credit data leave the partner's LastChangeDate alone.
- A_CustomerDunning is there for four customers of five (and for those with a block), under DunningArea '';
  every eleventh customer has a second one under area '02', which says nothing.
- A partner that was made and never changed since has a CreationDate and no LastChangeDate (BUT000-CHDAT).
- The customer's own e-mail is the default one of its address; every fourth has another beside it.
- People are contacts up to 9999-12-31. Every sixth customer has one whose time is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from duehook.core.testing.book import Account, Book, Change, Contact, Customer
from duehook.core.testing.odata import Table
from duehook.core.testing.sap_ledger.codes import CLERKS, STATE_BLOCKS, company_code

from . import reach
from .codes import ACCOUNT_GROUPS, USUAL_GROUP, partner_number, person_number
from .reach import SINCE, address_id, relationship
from .written import Written

Row = dict[str, Any]
FOREVER: Final = date(9999, 12, 31)
ENDED: Final = date(2024, 12, 31)
GONE: Final = 99
SECOND_AREA: Final = "02"
_FIRST: Final = datetime(2015, 1, 1, tzinfo=UTC)


class Partners:
    """The tables of the business partner service, by entity set; `carried` says what has moved."""

    def __init__(self, book: Book, written: Written) -> None:
        """Take the book as it stands."""
        self.book, self.written = book, written
        self.extended_at: dict[str, datetime] = {}
        self.companies: dict[str, set[str]] = {}
        self.contacts: dict[str, list[Contact]] = {}
        for contact in book.contacts.values():
            self.contacts.setdefault(contact.customer, []).append(contact)
        self.tables: dict[str, Table] = {
            "A_BusinessPartner": Table(self._partner),
            "A_Customer": Table(self._customer),
            "A_CustomerCompany": Table(self._company),
            "A_CustomerDunning": Table(self.dunning),
            "A_CustomerSalesArea": Table(self._sales_area),
            "A_CustomerText": Table(self._text),
            "A_CustomerCompanyText": Table(self._company_text),
            "A_BusinessPartnerContact": Table(reach.contact),
            "A_BPContactToFuncAndDept": Table(reach.function),
            "A_BusinessPartnerAddress": Table(reach.address),
            "A_AddressEmailAddress": Table(reach.email),
            "A_AddressPhoneNumber": Table(reach.phone),
            "A_BusinessPartnerBank": Table(reach.bank),
            "A_BuPaIdentification": Table(reach.identification),
        }
        for customer in book.customers.values():
            self._add(customer)
        for item in (*book.items.values(), *book.purged_items.values()):
            self._extend(item.customer, item.company)
        for name in ("A_CustomerText", "A_CustomerCompanyText", "A_CustomerDunning"):
            for key in written.created(name):
                self.tables[name].put(key, key)

    def carried(self, changes: Sequence[Change]) -> None:
        """Take over what changed: customers that came into another company, and rows that look different."""
        for change in changes:
            if change.stream == "customer" and change.act == "added":
                self._welcome(self.book.customers[change.key])
            item = self.book.items.get(change.key) if change.stream == "item" and change.act == "added" else None
            if item is not None and self._extend(item.customer, item.company):
                self.extended_at[item.customer] = change.at
            if change.stream == "customer":
                self._block_needs_a_row(change.key)
            if change.stream == "contact":
                self._reach(self.book.contacts[change.key])
        if changes:
            for table in self.tables.values():
                table.touch()

    def _welcome(self, customer: Customer) -> None:
        """Add a customer that is new, with its contacts."""
        self.contacts[customer.key] = [each for each in self.book.contacts.values() if each.customer == customer.key]
        self._add(customer)

    def _add(self, customer: Customer) -> None:
        partner = partner_number(customer.key)
        tables = self.tables
        tables["A_BusinessPartner"].put((partner,), (customer, None))
        tables["A_Customer"].put((customer.key,), customer)
        tables["A_BusinessPartnerAddress"].put((partner, address_id(customer.key)), customer)
        home = company_code(customer.company)
        tables["A_CustomerSalesArea"].put((customer.key, home, "10", "00"), customer)
        if int(customer.key) % 3:  # a third has no account
            tables["A_BusinessPartnerBank"].put((partner, "0001"), customer)
        for type in (reach.DUNS, reach.REGISTER):
            tables["A_BuPaIdentification"].put((partner, type, reach.number_of(type, customer)), (type, customer))
        self._extend(customer.key, customer.company)
        for contact in self.contacts.get(customer.key, ()):
            self._reach(contact)
            if contact.line:
                self._add_person(customer, contact, contact.line, FOREVER)
        if int(customer.key) % 6 == 0:
            self._add_person(customer, None, GONE, ENDED)

    def _add_person(self, customer: Customer, contact: Contact | None, line: int, until: date) -> None:
        """Add a person and its relationship to the customer; without a contact it is one who has left."""
        person = person_number(customer.key, line)
        key = (relationship(customer.key, line), partner_number(customer.key), person, until)
        self.tables["A_BusinessPartner"].put((person,), (customer, contact or line))
        for name in ("A_BusinessPartnerContact", "A_BPContactToFuncAndDept"):
            self.tables[name].put(key, (customer, contact, key))

    def _reach(self, contact: Contact) -> None:
        """Put the customer's own e-mail and phone at its address, where it has them."""
        if contact.line:
            return
        at = address_id(contact.customer)
        emails = self.tables["A_AddressEmailAddress"]
        if contact.email:
            emails.put((at, "", "1"), (at, "1", contact.email))
        else:
            emails.drop((at, "", "1"))
        if contact.email and int(contact.customer) % 4 == 0:
            emails.put((at, "", "2"), (at, "2", f"archive@{contact.email.partition('@')[2]}"))
        if contact.phone:
            self.tables["A_AddressPhoneNumber"].put((at, "", "1"), (at, contact.phone))

    def _extend(self, customer: str, company: str) -> bool:
        """Let a customer stand in a company; say whether it did not before."""
        if customer not in self.book.customers or company in self.companies.setdefault(customer, set()):
            return False
        self.companies[customer].add(company)
        code = company_code(company)
        self.tables["A_CustomerCompany"].put((customer, code), (customer, company))
        self._dunned(customer, company)
        if int(customer) % 11 == 0:
            self.tables["A_CustomerDunning"].put((customer, code, SECOND_AREA), (customer, code, SECOND_AREA))
        return True

    def _dunned(self, customer: str, company: str) -> None:
        """Give a customer its dunning data in a company, where it has any."""
        blocked = self.book.customers[customer].account(company).dunning_block
        if int(customer) % 5 or blocked:
            key = (customer, company_code(company), "")
            self.tables["A_CustomerDunning"].put(key, key)

    def _block_needs_a_row(self, customer: str) -> None:
        for company in self.companies.get(customer, ()):
            self._dunned(customer, company)

    def account(self, customer: str, code: str) -> Account:
        """Return the book's account of a customer in a company code."""
        person = self.book.customers[customer]
        company = next((each for each in self.companies[customer] if company_code(each) == code), person.company)
        return person.account(company)

    def changed_at(self, customer: Customer) -> datetime:
        """Return when a customer's central data, address or e-mail last changed."""
        own = [each.changed_at for each in self.contacts.get(customer.key, ()) if each.line == 0]
        return max([customer.changed_at, *own, self.extended_at.get(customer.key, customer.changed_at)])

    def _partner(self, source: tuple[Customer, Contact | int | None]) -> Row:
        customer, person = source
        if person is not None:
            return self._person(customer, person)
        at = self.changed_at(customer)
        return {
            "BusinessPartner": partner_number(customer.key), "Customer": customer.key, "BusinessPartnerCategory": "2",
            "BusinessPartnerFullName": customer.name, "BusinessPartnerName": customer.name,
            "OrganizationBPName1": customer.name[:40], "SearchTerm1": customer.name.partition(" ")[0].upper(),
            "BusinessPartnerGrouping": "BP02", "CorrespondenceLanguage": customer.language.upper(),
            "Language": customer.language.upper(), "CreatedByUser": "SIMUSER",
            "CreationDate": customer.made_at.date() if customer.made_at else SINCE,
            **({} if customer.made_at and at <= customer.made_at else _stamp(at)),
        }  # fmt: skip

    def _person(self, customer: Customer, person: Contact | int) -> Row:
        contact = person if isinstance(person, Contact) else None
        first, _, last = (contact.name if contact else "Former Employee").rpartition(" ")
        return {
            "BusinessPartner": person_number(customer.key, contact.line if contact else GONE),
            "BusinessPartnerCategory": "1", "BusinessPartnerFullName": f"{first} {last}".strip(),
            "BusinessPartnerName": f"{first} {last}".strip(), "FirstName": first, "LastName": last,
            "BusinessPartnerGrouping": "BP01", "CreationDate": SINCE, "CreatedByUser": "SIMUSER",
            "CorrespondenceLanguage": (contact.language if contact else customer.language).upper(),
            **_stamp(contact.changed_at if contact else _FIRST),
        }  # fmt: skip

    def _customer(self, customer: Customer) -> Row:
        row = {
            "Customer": customer.key, "CustomerName": customer.name, "CustomerFullName": customer.name,
            "CustomerAccountGroup": ACCOUNT_GROUPS.get(customer.state, USUAL_GROUP),
            "OrderIsBlockedForCustomer": STATE_BLOCKS.get(customer.state, ""),
            "CustomerCorporateGroup": customer.group or "", "VATRegistration": customer.tax_id,
            "CreationDate": SINCE, "CreatedByUser": "SIMUSER",
        }  # fmt: skip
        return self.written.over("A_Customer", (customer.key,), row)

    def _company(self, source: tuple[str, str]) -> Row:
        key, company = source
        customer, code = self.book.customers[key], company_code(company)
        account = customer.account(company)
        row = {
            "Customer": key, "CompanyCode": code, "PaymentTerms": account.terms,
            "AccountingClerk": CLERKS[account.collector],
            "AccountingClerkInternetAddress": f"{account.collector.lower()}@halden.example",
            "AlternativePayerAccount": customer.payer or "", "CustomerHeadOffice": customer.parent or "",
            "PaymentMethodsList": "D" if customer.direct_debit else "T", "ReconciliationAccount": "12100000",
            "CustomerAccountGroup": ACCOUNT_GROUPS.get(customer.state, USUAL_GROUP),
        }  # fmt: skip
        return self.written.over("A_CustomerCompany", (key, code), row)

    def dunning(self, key: tuple[str, str, str]) -> Row:
        """Return a row of dunning data: the level is the highest of the customer's open items."""
        customer, code, area = key
        row: Row = {"Customer": customer, "CompanyCode": code, "DunningArea": area, "DunningProcedure": "0001"}
        if not area and customer in self.book.customers:
            level, on = self.dunned(customer, code)
            row |= {"DunningBlock": self.account(customer, code).dunning_block or "", "DunningLevel": str(level)}
            row |= {"LastDunnedOn": on or (date.min if int(customer) % 2 else None)}  # 00000000, or nothing at all
            row |= {"DunningClerk": CLERKS[self.account(customer, code).collector]}
        else:
            row["DunningLevel"] = "0"
        return self.written.over("A_CustomerDunning", key, row)

    def dunned(self, customer: str, code: str) -> tuple[int, date | None]:
        """Return the highest level of a customer's open items in a company code, and when it was reached."""
        items = (self.book.items[key] for key in self.book.open_of.get(customer, ()))
        held = [(item.dunning_level, item.last_dunned_on) for item in items
                if item.dunning_level and item.posted and company_code(item.company) == code]  # fmt: skip
        return max(((level, on) for level, on in held if level and on), default=(0, None))

    def _sales_area(self, customer: Customer) -> Row:
        key = (customer.key, company_code(customer.company), "10", "00")
        row = {
            "Customer": customer.key, "SalesOrganization": key[1], "DistributionChannel": "10", "Division": "00",
            "Currency": customer.currency, "CustomerPaymentTerms": customer.account(customer.company).terms,
        }  # fmt: skip
        return self.written.over("A_CustomerSalesArea", key, row)

    def _text(self, key: tuple[str, str, str]) -> Row:
        row: Row = dict(zip(("Customer", "Language", "LongTextID"), key, strict=True))
        return self.written.over("A_CustomerText", key, row)

    def _company_text(self, key: tuple[str, str, str, str]) -> Row:
        row: Row = dict(zip(("Customer", "CompanyCode", "Language", "LongTextID"), key, strict=True))
        return self.written.over("A_CustomerCompanyText", key, row)


def _stamp(at: datetime) -> Row:
    moment = at.astimezone(UTC)
    return {
        "LastChangeDate": moment.date(), "LastChangeTime": moment.time().replace(microsecond=0),
        "LastChangedByUser": "SIMUSER", "ETag": f"SIMUSER{moment:%Y%m%d%H%M%S}",
    }  # fmt: skip
