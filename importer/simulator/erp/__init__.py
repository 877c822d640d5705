"""The simulated ERP itself: documents, their life, stock and checks. It knows nothing of HTTP, JSON or XML."""
