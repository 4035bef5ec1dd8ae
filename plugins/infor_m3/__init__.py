"""The connector for Infor M3: customers and receivables through M3 API REST, notes and holds back."""
