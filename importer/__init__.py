"""Spreadsheet in, posted Digiwin TIPTOP ERP documents out, each exactly once."""
