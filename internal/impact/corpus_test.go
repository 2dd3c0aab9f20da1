package impact

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/internal/community"
)

// corpus returns the folder of the reference orders, or skips, loudly.
func corpus(t testing.TB) string {
	t.Helper()
	root := os.Getenv("FOYER_CORPUS")
	if root == "" {
		t.Skip("SKIPPED: FOYER_CORPUS is not set, THE PUBLISHED ANSWERS ON REAL PURCHASES ARE NOT CHECKED")
	}
	return filepath.Join(root, "orders")
}

// cdnow reads the purchases of 2,357 customers of a real shop, 1997-01-01 to
// 1998-06-30, one order per line.
func cdnow(t testing.TB) []Customer {
	t.Helper()
	return purchases(t, filepath.Join(corpus(t), "cdnow", "CDNOW_sample.txt"), 1, 2, 4)
}

// cdnowEnd is the first day that the file does not observe.
var cdnowEnd = community.NewDate(1998, 7, 1)

// purchases reads a file of columns separated by spaces.
func purchases(t testing.TB, path string, id, day, amount int) []Customer {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	at := map[string]int{}
	var list []Customer
	s := bufio.NewScanner(f)
	for s.Scan() {
		fields := strings.Fields(s.Text())
		if len(fields) <= amount || fields[day] == "date" {
			continue
		}
		d := fields[day]
		date, err := community.ParseDate(d[:4] + "-" + d[4:6] + "-" + d[6:])
		if err != nil {
			t.Fatal(err)
		}
		v, err := strconv.ParseFloat(fields[amount], 64)
		if err != nil {
			t.Fatal(err)
		}
		i, ok := at[fields[id]]
		if !ok {
			i = len(list)
			at[fields[id]] = i
			list = append(list, Customer{ID: fields[id]})
		}
		list[i].Orders = append(list[i].Orders, Order{date, v, v * 0.4})
	}
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	Prepare(list)
	return list
}
