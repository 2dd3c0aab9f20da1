package whatsapp

// repeats numbers the records that are the same within one minute. The minutes
// of the last quarter of an hour are kept, because lines are now and then out
// of order.
type repeats struct {
	minutes map[int64]*sameMinute
	newest  int64
}

type sameMinute struct {
	start int64 // offset of its first record
	seen  map[uint64]int
}

const (
	keptMinutes = 15
	// keptRecords bounds what one minute holds in memory: further records that
	// are new in it are taken for the first of their kind.
	keptRecords = 20_000
)

// count returns how many records of that minute were the same before this one.
func (r *repeats) count(minute int64, digest uint64, start int64) int {
	if r.minutes == nil {
		r.minutes = map[int64]*sameMinute{}
		r.newest = minute
	}
	if minute > r.newest {
		r.newest = minute
		for m := range r.minutes {
			if m < minute-keptMinutes {
				delete(r.minutes, m)
			}
		}
	}
	same := r.minutes[minute]
	if same == nil {
		same = &sameMinute{start: start, seen: map[uint64]int{}}
		r.minutes[minute] = same
	}
	n, known := same.seen[digest]
	if known || len(same.seen) < keptRecords {
		same.seen[digest] = n + 1
	}
	return n
}

// back is the offset to read again from, to know all this at end.
func (r *repeats) back(end int64) int64 {
	for _, same := range r.minutes {
		end = min(end, same.start)
	}
	return end
}
