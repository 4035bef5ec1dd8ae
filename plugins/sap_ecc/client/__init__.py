"""How SAP's function modules are called: by SOAP, or by an RFC library of the site."""
