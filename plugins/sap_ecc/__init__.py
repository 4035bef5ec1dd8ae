"""SAP ECC: receivables by function modules, over SOAP or RFC."""
