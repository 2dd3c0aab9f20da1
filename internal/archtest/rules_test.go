package archtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// exceptions are places that may break a rule ("rule file"), with the reason. One
// that is not needed fails the test.
var exceptions = map[string]string{
	"platform-words web/ui/icon.go": "the set of drawings: a platform's mark is picture data like its colour, chosen by the name that the connector gives",
}

// layers is the order of the packages: imports point to a lower number. A package
// that is not listed takes the place of its longest listed parent. Platforms
// have a rule of their own.
var layers = map[string]int{
	// nouns, and leaves that know nothing of Foyer
	"internal/community":    0,
	"internal/devpg":        0,
	"internal/exportfs":     0,
	"internal/vault":        0,
	"internal/secret":       0,
	"internal/outbound":     0,
	"internal/archtest":     0,
	"internal/licences":     0,
	"internal/logging":      0,
	"connectors/jsonstream": 0,
	"connectors/sample":     0,
	"migrations":            0,
	"web/i18n":              0,
	"web/static":            0,
	// rules over the nouns
	"internal/identity": 1,
	"internal/linking":  1,
	// one subject each
	"internal/store":  2,
	"internal/kpi":    2,
	"internal/impact": 2,
	"internal/mail":   2,
	"connectors":      2,
	"web/chart":       2,
	// what brings them together
	"internal/report":  3,
	"internal/ingest":  3,
	"internal/account": 3,
	"internal/courier": 3,
	"internal/metrics": 3,
	"internal/fx":      3,
	"web/ui":           3,
	"connectors/all":   3,
	// wiring
	"internal/fx/bundle": 4, // a program that writes the bundled rates
	"web":                4,
	"cmd":                5,
}

// support packages help tests; only tests and each other import them.
var support = []string{"internal/dbtest", "connectors/connectortest", "internal/community/seriestest", "internal/mail/mailtest"}

// closed packages import these packages of the module and no others, whatever
// their layer.
var closed = map[string][]string{
	"internal/community": {},
	"internal/kpi":       {"internal/community"},
	"internal/impact":    {"internal/community"},
	"internal/identity":  {"internal/community"},
	"internal/linking":   {},
	"web/ui":             {"internal/community", "web/chart", "web/i18n", "web/static"},
}

// libraries bound what closed packages import from outside the module; those not
// listed are free.
var libraries = map[string][]string{
	"internal/community": {},
	"internal/kpi":       {},
	"internal/impact":    {"gonum.org/v1/gonum"},
	"internal/identity":  {"github.com/nyaruka/phonenumbers", "golang.org/x/net/idna", "golang.org/x/text/unicode/norm"},
	"internal/exportfs":  {},
	"migrations":         {},
}

var rules = []rule{
	{"layers", "imports point down: cmd → web → report, ingest, account → store, kpi, impact, connectors → community", checkLayers},
	{"closed", "community imports the standard library only, kpi and impact also community, web/ui no data", checkClosed},
	{"platform-imports", "a platform imports the contract (connectors, connectors/jsonstream, connectors/sample) and internal/community", checkPlatformImports},
	{"platform-importers", "only connectors/all imports a platform; only tests and cmd, for the demo, its stand-in", checkPlatformImporters},
	{"all-importers", "only cmd and tests import connectors/all", checkAllImporters},
	{"support", "only tests import packages that help tests", checkSupport},
	{"pgx", "pgx is used in internal/store, internal/dbtest, internal/devpg, internal/ingest and cmd only", checkPgx},
	{"sql", "SQL stands in internal/store and migrations only", checkSQL},
	{"platform-words", "a platform is one folder: no other package says its name", checkPlatformWords},
	{"package-names", "packages are called after their subject, not util, common, helpers, models, services, manager", checkPackageNames},
	{"file-length", "a file has one subject and at most 500 lines", checkFileLength},
}

// in says whether dir is one of roots or below one.
func in(dir string, roots ...string) bool {
	return slices.ContainsFunc(roots, func(r string) bool { return dir == r || strings.HasPrefix(dir, r+"/") })
}

// layer returns the layer of a package: its own or its nearest parent's.
func layer(dir string) (int, bool) {
	best, found := "", false
	for p := range maps.Keys(layers) {
		if in(dir, p) && len(p) > len(best) {
			best, found = p, true
		}
	}
	return layers[best], found
}

// platform returns the platform that a folder belongs to.
func platform(dir string) (string, bool) {
	rest, ok := strings.CutPrefix(dir, "connectors/")
	if !ok || in(dir, "connectors/all", "connectors/connectortest", "connectors/jsonstream", "connectors/sample") {
		return "", false
	}
	name, _, _ := strings.Cut(rest, "/")
	return name, true
}

// eachImport calls found for every import of a package of the module.
func eachImport(files []source, judge func(s source, dir string) string) []violation {
	var list []violation
	for _, s := range files {
		imports := s.imports()
		for _, p := range slices.Sorted(maps.Keys(imports)) {
			dir, ok := local(p)
			if !ok {
				continue
			}
			if found := judge(s, dir); found != "" {
				list = append(list, violation{at: s.at(imports[p]), found: found})
			}
		}
	}
	return list
}

func checkLayers(files []source) []violation {
	var list []violation
	unknown := map[string]bool{}
	for _, s := range files {
		_, known := layer(s.dir)
		if !known && !in(s.dir, support...) && !unknown[s.dir] {
			unknown[s.dir] = true
			list = append(list, violation{at: s.path, found: s.dir + " has no layer: give it one in the table"})
		}
	}
	return append(list, eachImport(files, func(s source, dir string) string {
		_, from := platform(s.dir)
		_, to := platform(dir)
		if s.test || from || to || in(s.dir, support...) || in(dir, support...) || in(dir, s.dir) {
			return ""
		}
		own, _ := layer(s.dir)
		other, _ := layer(dir)
		if other < own || in(s.dir, "cmd") && in(dir, "cmd") {
			return ""
		}
		return fmt.Sprintf("%s (layer %d) imports %s (layer %d)", s.dir, own, dir, other)
	})...)
}

func checkClosed(files []source) []violation {
	list := eachImport(files, func(s source, dir string) string {
		if allowed, ok := closed[s.dir]; ok && !s.test && !slices.Contains(allowed, dir) && dir != s.dir {
			return s.dir + " imports " + dir
		}
		return ""
	})
	for _, s := range files {
		allowed, ok := libraries[s.dir]
		if !ok || s.test {
			continue
		}
		for p, spec := range s.imports() {
			if _, own := local(p); !own && isLibrary(p) && !in(p, allowed...) {
				list = append(list, violation{at: s.at(spec), found: s.dir + " imports " + p})
			}
		}
	}
	return list
}

// isLibrary says whether a package is neither the module's nor the standard
// library's: its first element is a host.
func isLibrary(importPath string) bool {
	host, _, _ := strings.Cut(importPath, "/")
	return strings.Contains(host, ".")
}

func checkPlatformImports(files []source) []violation {
	return eachImport(files, func(s source, dir string) string {
		name, ok := platform(s.dir)
		if !ok || in(dir, "connectors/"+name) || slices.Contains([]string{"connectors", "connectors/jsonstream", "connectors/sample", "internal/community"}, dir) {
			return ""
		}
		if s.test && in(dir, support...) {
			return ""
		}
		return "the platform " + name + " imports " + dir
	})
}

func checkPlatformImporters(files []source) []violation {
	return eachImport(files, func(s source, dir string) string {
		name, ok := platform(dir)
		if !ok {
			return ""
		}
		if standIn := "connectors/" + name + "/" + name + "test"; dir == standIn {
			if s.test || in(s.dir, "cmd", standIn) {
				return ""
			}
			return s.dir + " imports the stand-in of " + name
		}
		if s.dir == "connectors/all" || in(s.dir, "connectors/"+name) {
			return ""
		}
		return s.dir + " imports the platform " + name
	})
}

func checkAllImporters(files []source) []violation {
	return eachImport(files, func(s source, dir string) string {
		if dir != "connectors/all" || s.test || in(s.dir, "cmd", "connectors/all") {
			return ""
		}
		return s.dir + " imports connectors/all"
	})
}

func checkSupport(files []source) []violation {
	return eachImport(files, func(s source, dir string) string {
		if s.test || !in(dir, support...) || in(s.dir, support...) {
			return ""
		}
		return s.dir + " imports " + dir + " outside a test"
	})
}

func checkPgx(files []source) []violation {
	var list []violation
	for _, s := range files {
		if s.test || in(s.dir, "internal/store", "internal/dbtest", "internal/devpg", "internal/ingest", "cmd") {
			continue
		}
		for p, spec := range s.imports() {
			if strings.HasPrefix(p, "github.com/jackc/pgx") {
				list = append(list, violation{at: s.at(spec), found: s.dir + " imports " + p})
			}
		}
	}
	return list
}
