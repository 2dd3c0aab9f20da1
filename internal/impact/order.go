package impact

import (
	"cmp"
	"maps"
	"slices"
)

// sortedKeys returns a map's keys in ascending order, so that sums repeat.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
