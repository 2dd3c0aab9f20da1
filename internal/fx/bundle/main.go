// Command bundle writes the history of exchange rates that is part of Foyer from
// the file eurofxref-hist.zip (or the .csv in it) that the European Central Bank
// publishes:
//
//	go run ./internal/fx/bundle eurofxref-hist.zip internal/fx/rates.bin
package main

import (
	"archive/zip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/fx"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("say the bank's file and the one to write")
	}
	in, err := open(args[0])
	if err != nil {
		return err
	}
	defer in.Close()
	list, err := read(in)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	var out strings.Builder
	if err := fx.Encode(&out, list); err != nil {
		return err
	}
	return os.WriteFile(args[1], []byte(out.String()), 0o600)
}

// open returns the table, out of its archive or as it is.
func open(name string) (io.ReadCloser, error) {
	if !strings.HasSuffix(name, ".zip") {
		return os.Open(name)
	}
	archive, err := zip.OpenReader(name)
	if err != nil {
		return nil, err
	}
	if len(archive.File) != 1 {
		return nil, errors.Join(fmt.Errorf("%s holds %d files, not 1", name, len(archive.File)), archive.Close())
	}
	table, err := archive.File[0].Open()
	if err != nil {
		return nil, errors.Join(err, archive.Close())
	}
	return table, nil // the archive stays open as long as the program
}

// read takes a table of one day a line and one currency a column. "N/A" and nothing
// are days without a rate.
func read(in io.Reader) ([]community.ExchangeRate, error) {
	lines := csv.NewReader(in)
	head, err := lines.Read()
	if err != nil {
		return nil, err
	}
	if head[0] != "Date" {
		return nil, errors.New("the first column is not Date")
	}
	var list []community.ExchangeRate
	for {
		line, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		day, err := community.ParseDate(line[0])
		if err != nil {
			return nil, err
		}
		for i, text := range line[1:] {
			currency := strings.TrimSpace(head[i+1])
			if currency == "" || text == "" || text == "N/A" {
				continue
			}
			e, err := community.ParseRate(currency, day, text)
			if err != nil {
				return nil, fmt.Errorf("%s on %s: %w", currency, day, err)
			}
			list = append(list, e)
		}
	}
}
