"""Oracle Fusion Cloud Receivables: reads by REST or by BICC extracts, writes promises, disputes and holds."""
