package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRecognise(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"mit":      {"MIT License\n\nPermission is hereby granted, free of charge, to any\nperson obtaining a copy … THE SOFTWARE IS PROVIDED \"AS IS\"", "MIT"},
		"apache":   {"Apache License\n   Version 2.0, January 2004", "Apache-2.0"},
		"bsd 3":    {"Redistribution and use in source and binary forms … Neither the name of", "BSD-3-Clause"},
		"bsd 2":    {"Redistribution and use in source and binary forms", "BSD-2-Clause"},
		"mpl":      {"Mozilla Public License Version 2.0", "MPL-2.0"},
		"quotes":   {"Permission is hereby granted, free of charge, to any person obtaining a copy. THE SOFTWARE IS PROVIDED “AS IS”", "MIT"},
		"mpl 1":    {"Mozilla Public License Version 1.1", ""},
		"gpl":      {"GNU GENERAL PUBLIC LICENSE Version 3", ""},
		"nothing":  {"", ""},
		"business": {"Business Source License 1.1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := recognise(c.text); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestDescribeRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := describe([]module{{Path: "example.com/none", Dir: dir}}); !errors.Is(err, errNotAllowed) {
		t.Errorf("without a licence: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "LICENSE"), []byte("GNU GENERAL PUBLIC LICENSE"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := describe([]module{{Path: "example.com/gpl", Dir: dir}}); err == nil || !strings.Contains(err.Error(), "example.com/gpl") {
		t.Errorf("with another licence: %v", err)
	}
}
