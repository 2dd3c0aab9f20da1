package vault

// ExportKeys hands tests the keys, to print them.
func ExportKeys(r *Ring) []Key { return r.state.Load().keys }
