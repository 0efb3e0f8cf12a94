"""The benchmarks. Each measures its ceiling in the same run, since a figure of another day or machine says little."""
