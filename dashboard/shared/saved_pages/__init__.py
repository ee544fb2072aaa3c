"""Pages as files: recorded as Streamlit would show them, and alive without Python in any browser."""
