package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// onFile runs foyer impact on a file of this content and returns what was printed.
func onFile(t testing.TB, content string, args ...string) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "table.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := run(t.Context(), append(append([]string{"impact"}, args...), path), []string{"LANG=en_GB.UTF-8"}, strings.NewReader(""), &out, &out)
	return out.String(), err
}

// parsed is the JSON of an analysis.
func parsed(t testing.TB, content string, args ...string) map[string]any {
	t.Helper()
	out, err := onFile(t, content, append([]string{"--json"}, args...)...)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(out), &m); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return m
}

// at follows keys and indexes down to a number; NaN for null.
func at(t testing.TB, v any, path ...any) float64 {
	t.Helper()
	for _, p := range path {
		switch p := p.(type) {
		case string:
			v = v.(map[string]any)[p]
		case int:
			v = v.([]any)[p]
		}
	}
	if v == nil {
		return math.NaN()
	}
	return v.(float64)
}

func isNear(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %.8g, want %.8g", what, got, want)
	}
}

const trial = `weeks,relapse,arm
6,1,6-MP
6,1,6-MP
6,1,6-MP
6,0,6-MP
7,1,6-MP
9,0,6-MP
10,1,6-MP
10,0,6-MP
11,0,6-MP
13,1,6-MP
16,1,6-MP
17,0,6-MP
19,0,6-MP
20,0,6-MP
22,1,6-MP
23,1,6-MP
25,0,6-MP
32,0,6-MP
32,0,6-MP
34,0,6-MP
35,0,6-MP
1,1,placebo
1,1,placebo
2,1,placebo
2,1,placebo
3,1,placebo
4,1,placebo
4,1,placebo
5,1,placebo
5,1,placebo
8,1,placebo
8,1,placebo
8,1,placebo
8,1,placebo
11,1,placebo
11,1,placebo
12,1,placebo
12,1,placebo
15,1,placebo
17,1,placebo
22,1,placebo
23,1,placebo
`

// TestTheSameTrialHoweverItIsWritten reads one published trial in the shapes that
// programs write.
func TestTheSameTrialHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(trial), "\n")
	rows := func(cell func(header bool, f []string) string) string {
		var b strings.Builder
		for i, l := range lines {
			b.WriteString(cell(i == 0, strings.Split(l, ",")) + "\n")
		}
		return b.String()
	}
	join := func(sep string) string {
		return rows(func(_ bool, f []string) string { return strings.Join(f, sep) })
	}
	for _, c := range []struct {
		name, content string
		args          []string
	}{
		{"plain", trial, nil},
		{"windows lines and a mark", "\xef\xbb\xbf" + strings.ReplaceAll(trial, "\n", "\r\n"), nil},
		{"semicolons", join(";"), nil},
		{"tabs", join("\t"), nil},
		{"spaces", join("   "), nil},
		{"decimal commas", rows(func(h bool, f []string) string {
			if h {
				return strings.Join(f, ";")
			}
			return f[0] + ",0;" + f[1] + ";" + f[2]
		}), nil},
		{"quotes and blank lines", strings.ReplaceAll(rows(func(_ bool, f []string) string {
			return `"` + strings.Join(f, `","`) + `"`
		}), "\n", "\n\n"), nil},
		{"row names without a header", rows(func(h bool, f []string) string {
			if h {
				return strings.Join(f, ",")
			}
			return "r," + strings.Join(f, ",")
		}), nil},
		{"words for the event", rows(func(h bool, f []string) string {
			return f[0] + "," + map[string]string{"relapse": "relapse", "1": "TRUE", "0": "FALSE"}[f[1]] + "," + f[2]
		}), nil},
		{"1 and 2", rows(func(h bool, f []string) string {
			return f[0] + "," + map[string]string{"relapse": "relapse", "1": "2", "0": "1"}[f[1]] + "," + f[2]
		}), nil},
		{"a value said", rows(func(h bool, f []string) string {
			return f[0] + "," + map[string]string{"relapse": "relapse", "1": "back", "0": "well"}[f[1]] + "," + f[2]
		}), []string{"--event-value", "back"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := parsed(t, c.content, append([]string{"km", "--time", "Weeks", "--event", "RELAPSE", "--group", "arm", "--at", "6,23", "--tau", "35"}, c.args...)...)
			isNear(t, "n", at(t, m, "n"), 42, 0)
			isNear(t, "S(6)", at(t, m, "groups", 0, "at", 0, "survival"), 0.857143, 1e-6)
			isNear(t, "S(23)", at(t, m, "groups", 0, "at", 1, "survival"), 0.448179, 1e-6)
			isNear(t, "chi²", at(t, m, "logrank", "chi_squared"), 16.79294, 1e-4)
			isNear(t, "medians", at(t, m, "groups", 0, "median", "value"), 23, 0)
			isNear(t, "medians", at(t, m, "groups", 1, "median", "value"), 8, 0)
			isNear(t, "RMST", at(t, m, "groups", 0, "rmst", "value"), 23.2874, 1e-3)
			isNear(t, "RMST", at(t, m, "groups", 1, "rmst", "value"), 8.6667, 1e-3)
			isNear(t, "difference", at(t, m, "rmst_differences", 0, "value"), 8.6667-23.2874, 2e-3)
		})
	}
}

func TestColumnsByNumber(t *testing.T) {
	t.Parallel()
	_, body, _ := strings.Cut(trial, "\n")
	m := parsed(t, body, "km", "--time", "1", "--event", "2", "--group", "3", "--no-header")
	isNear(t, "chi²", at(t, m, "logrank", "chi_squared"), 16.79294, 1e-4)
}

func TestSeveralCausesAndEntry(t *testing.T) {
	t.Parallel()
	m := parsed(t, "start,stop,status\n0,3,1\n1,8,2\n3,9,0\n", "km", "--time", "stop", "--event", "status", "--entry", "start")
	isNear(t, "at risk at 3", at(t, m, "groups", 0, "steps", 0, "at_risk"), 2, 0)
	isNear(t, "incidence of 2", at(t, m, "groups", 0, "incidence", 1, "steps", 1, "incidence"), 0.25, 1e-12)
	m = parsed(t, "t,how\n3,churn\n8,failed card\n9,stays\n", "km", "--time", "t", "--event", "how", "--censored-value", "stays")
	if causes := m["causes"].([]any); len(causes) != 2 || causes[0] != "churn" {
		t.Errorf("%v", causes)
	}
}

func TestMatchOnFile(t *testing.T) {
	t.Parallel()
	content := "treat,place,age,y\n1,a,20,10\n1,a,21,14\n0,a,25,9\n1,b,40,20\n0,b,44,12\n0,b,48,16\n1,c,30,99\n0,d,30,0\n"
	m := parsed(t, content, "match", "--treat", "treat", "--exact", "place", "--outcome", "y", "--balance", "age")
	isNear(t, "att", at(t, m, "att", "value"), 4, 1e-12)
	isNear(t, "matched", at(t, m, "matched_treated"), 3, 0)
	isNear(t, "unmatched", at(t, m, "unmatched_treated", "outcome_mean"), 99, 0)
	isNear(t, "raw", at(t, m, "raw_difference", "value"), 26.5, 1e-12)
	m = parsed(t, content, "match", "--treat", "treat", "--coarsen", "age=29,39", "--outcome", "y")
	isNear(t, "strata", at(t, m, "strata"), 3, 0)
	// (10−9 + 14−9 + 20−14 + 99−0)/4
	isNear(t, "att by age", at(t, m, "att", "value"), 27.75, 1e-12)
	text, err := onFile(t, content, "match", "--treat", "treat", "--exact", "place", "--outcome", "y")
	if err != nil || !strings.Contains(text, "att.value") || !strings.Contains(text, "matched_treated") {
		t.Errorf("text: %v\n%s", err, text)
	}
}

func TestDifferencesOnFile(t *testing.T) {
	t.Parallel()
	long := "unit,treated,post,y\na,1,0,10\na,1,1,15\nb,1,0,20\nb,1,1,27\nc,0,0,5\nc,0,1,6\nd,0,0,7\nd,0,1,10\n"
	panel := parsed(t, long, "did", "--treat", "treated", "--post", "post", "--outcome", "y", "--unit", "unit")
	isNear(t, "panel", at(t, panel, "effect", "value"), 4, 1e-12)
	isNear(t, "panel se", at(t, panel, "effect", "se"), math.Sqrt2, 1e-12)
	cross := parsed(t, long, "did", "--treat", "treated", "--post", "post", "--outcome", "y")
	isNear(t, "cross-section", at(t, cross, "effect", "value"), 4, 1e-12)
	isNear(t, "mean", at(t, cross, "treated", "mean_before"), 15, 1e-12)
	wide := parsed(t, "state,before,after\nNJ,10,15\nNJ,20,27\nPA,5,6\nPA,7,10\n", "did", "--treat", "state", "--treated-value", "nj", "--before", "before", "--after", "after")
	isNear(t, "wide", at(t, wide, "effect", "value"), 4, 1e-12)
	timed := parsed(t, strings.NewReplacer(",0,", ",2019,", ",1,", ",2021,").Replace("unit,post,y,treated\na,0,10,1\na,1,15,1\nc,0,5,0\nc,1,6,0\n"), "did", "--treat", "treated", "--time", "post", "--from", "2020", "--outcome", "y", "--unit", "unit")
	isNear(t, "by year", at(t, timed, "effect", "value"), 4, 1e-12)
	s := parsed(t, "id,year,first,y\na,1,3,1\na,2,3,2\na,3,3,8\nb,1,,1\nb,2,,2\nb,3,,3\nc,1,0,4\nc,2,0,5\nc,3,0,6\n", "did", "--outcome", "y", "--unit", "id", "--time", "year", "--first", "first")
	isNear(t, "staggered", at(t, s, "simple", "value"), 5, 1e-12)
}

func TestPurchasesOnFile(t *testing.T) {
	t.Parallel()
	orders := "Client;Jour;Montant\nA;01/02/2023;1 010,50\nA;15/02/2023;20\nA;15/02/2023;10\nB;3/2/2023;5\n"
	m := parsed(t, orders, "bgnbd", "--customer", "client", "--date", "jour", "--value", "montant", "--end", "2023-03-01")
	isNear(t, "customers", at(t, m, "n"), 2, 0)
	isNear(t, "repeat days", at(t, m, "repeat_transactions"), 1, 0)
	table := "customer,frequency,recency,T,m\n1,2,30.43,38.86,22.35\n2,1,1.71,38.86,11.77\n3,0,0,38.86,0\n4,0,0,38.86,0\n5,7,29.43,38.86,73.74\n6,1,5,38.86,11.77\n7,0,0,38.86,0\n"
	m = parsed(t, table, "bgnbd", "--frequency", "frequency", "--recency", "recency", "--age", "T", "--value", "m", "--customers", "--customer", "customer")
	if len(m["customers"].([]any)) != 7 || at(t, m, "customers", 2, "p_alive") != 1 {
		t.Errorf("%v", m["customers"])
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, content string
		args          []string
		want          string
	}{
		{"missing value", "t,e\n1,1\n\n2,NA\n", []string{"km", "--time", "t", "--event", "e"}, "line 4, column e: the value is missing"},
		{"no number", "t,e\n1,1\nsoon,0\n", []string{"km", "--time", "t", "--event", "e"}, "line 3, column t: soon is not a number"},
		{"infinite", "t,e\n1,1\nInf,0\n", []string{"km", "--time", "t", "--event", "e"}, "line 3, column t"},
		{"no flag", "t,e\n1,dead\n2,alive\n", []string{"km", "--time", "t", "--event", "e"}, "The column holds: dead, alive"},
		{"no such value", "t,e\n1,dead\n2,alive\n", []string{"km", "--time", "t", "--event", "e", "--event-value", "gone"}, "never holds gone"},
		{"no column", "t,e\n1,1\n", []string{"km", "--time", "age", "--event", "e"}, "no column age. There is: t, e"},
		{"short row", "t,e\n1,1\n2\n", []string{"km", "--time", "t", "--event", "e"}, "line 3, column e: the line ends"},
		{"empty", "", []string{"km", "--time", "t", "--event", "e"}, "no rows"},
		{"header only", "t,e\n", []string{"km", "--time", "t", "--event", "e"}, "no rows"},
		{"negative", "t,e\n-1,1\n", []string{"km", "--time", "t", "--event", "e"}, "line 2, column t"},
		{"no date", "c,d\na,2021-02-30\n", []string{"bgnbd", "--customer", "c", "--date", "d"}, "line 2, column d: 2021-02-30 is not a date"},
		{"two readings", "c,d\na,01/02/2021\n", []string{"bgnbd", "--customer", "c", "--date", "d"}, "--date-order dmy or mdy"},
		{"recency without repeats", "x,t,n\n0,3,9\n", []string{"bgnbd", "--frequency", "x", "--recency", "t", "--age", "n"}, "line 2, column t"},
		{"bad bins", "t,x,y\n1,2,3\n", []string{"match", "--treat", "t", "--coarsen", "x=wide", "--outcome", "y"}, "does not cut column x"},
		{"columns not said", "t,e\n1,1\n", []string{"km", "--time", "t"}, "--event"},
		{"unknown", "t\n1\n", []string{"magic"}, "no analysis magic"},
		{"twice", "u,t,g,y\na,1,0,1\na,1,0,1\n", []string{"did", "--outcome", "y", "--unit", "u", "--time", "t", "--first", "g"}, "line 3, column u"},
	} {
		_, err := onFile(t, c.content, c.args...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	m := parsed(t, "t,e\n1,1\n2,NA\n3,0\n", "km", "--time", "t", "--event", "e", "--missing", "drop")
	isNear(t, "dropped", at(t, m, "dropped"), 1, 0)
	var usage *usageError
	if _, err := onFile(t, "t,e\n1,1\n", "km", "--time", "t", "--event", "e", "--missing", "guess"); !errors.As(err, &usage) {
		t.Errorf("%v", err)
	}
}
