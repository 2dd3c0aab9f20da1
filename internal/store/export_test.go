package store

// Queries lists the names of the embedded queries, for the test that prepares them.
func Queries() ([]string, error) {
	entries, err := files.ReadDir("sql")
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name()[:len(e.Name())-len(".sql")])
	}
	return names, nil
}

// Query returns an embedded query.
func Query(name string) string { return query(name) }
