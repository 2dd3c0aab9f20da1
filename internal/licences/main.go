// Command licences lists the modules that Foyer is built from with their licences,
// and fails on one that is not known or not allowed. With a path it writes the list
// there; with -check it compares.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	f := flag.NewFlagSet("licences", flag.ContinueOnError)
	check := f.Bool("check", false, "compare with the file instead of writing it")
	if err := f.Parse(args); err != nil {
		return err
	}
	modules, err := built()
	if err != nil {
		return err
	}
	list, err := describe(modules)
	if err != nil {
		return err
	}
	path := f.Arg(0)
	switch {
	case path == "":
		_, err = io.WriteString(out, list)
		return err
	case *check:
		there, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if string(there) != list {
			return fmt.Errorf("%s is out of date: make licences", path)
		}
		return nil
	}
	return os.WriteFile(path, []byte(list), 0o600)
}

// module is what the go command says of one.
type module struct {
	Path, Version, Dir string
	Main               bool
	Replace            *module
}

// built returns the modules whose packages are in the program.
func built() ([]module, error) {
	var errOut bytes.Buffer
	command := exec.Command("go", "list", "-deps", "-json=Module", "./cmd/foyer")
	command.Stderr = &errOut
	text, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, errOut.String())
	}
	seen := map[string]module{}
	for dec := json.NewDecoder(bytes.NewReader(text)); ; {
		var p struct{ Module *module }
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if m := p.Module; m != nil && !m.Main {
			if m.Replace != nil {
				m = m.Replace
			}
			seen[m.Path] = *m
		}
	}
	list := make([]module, 0, len(seen))
	for _, m := range seen {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	return list, nil
}

// describe writes the list, or says which modules may not be used.
func describe(modules []module) (string, error) {
	var b strings.Builder
	b.WriteString("# Licences\n\nWhat Foyer is built from. Written by `make licences`; only permissive licences and MPL-2.0 are allowed.\n\n")
	b.WriteString("| module | version | licence |\n|---|---|---|\n")
	var bad []error
	for _, m := range modules {
		names, err := licencesOf(m.Dir)
		if err != nil {
			bad = append(bad, fmt.Errorf("%s: %w", m.Path, err))
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", m.Path, m.Version, strings.Join(names, ", "))
	}
	return b.String(), errors.Join(bad...)
}

var errNotAllowed = errors.New("not a licence that is allowed")

// licencesOf reads the licence files of a module.
func licencesOf(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		upper := strings.ToUpper(e.Name())
		if e.IsDir() || !strings.HasPrefix(upper, "LICEN") && !strings.HasPrefix(upper, "COPYING") && !strings.HasPrefix(upper, "UNLICENSE") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		name := recognise(string(text))
		if name == "" {
			return nil, fmt.Errorf("%s: %w", e.Name(), errNotAllowed)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no licence file: %w", errNotAllowed)
	}
	return names, nil
}

// recognise names an allowed licence by sentences that only it has; "" for any other.
func recognise(text string) string {
	text = strings.NewReplacer("“", `"`, "”", `"`).Replace(strings.Join(strings.Fields(strings.ToLower(text)), " "))
	for _, l := range []struct {
		name string
		says []string
	}{
		{"Apache-2.0", []string{"apache license", "version 2.0"}},
		{"MPL-2.0", []string{"mozilla public license", "version 2.0"}},
		{"MIT", []string{"permission is hereby granted, free of charge, to any person obtaining a copy", "the software is provided \"as is\""}},
		{"ISC", []string{"permission to use, copy, modify, and/or distribute this software for any purpose with or without fee"}},
		{"ISC", []string{"permission to use, copy, modify, and distribute this software for any purpose with or without fee"}},
		{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "neither the name"}},
		{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "may be used to endorse or promote"}},
		{"BSD-2-Clause", []string{"redistribution and use in source and binary forms"}},
		{"Unlicense", []string{"this is free and unencumbered software released into the public domain"}},
	} {
		if !slices.ContainsFunc(l.says, func(s string) bool { return !strings.Contains(text, s) }) {
			return l.name
		}
	}
	return ""
}
