// Package cec reads and writes the open-data files of Taiwan's Central Election
// Commission: results of referendums, polling station by polling station
// (docs/spec/cec-data.md). It says which rows contradict themselves, and does
// not use them.
package cec

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"sort"
	"strconv"
)

// Counts are the numbers of one row.
type Counts struct {
	Valid, Agree, Disagree, Invalid, Votes, Votable, Population uint64
}

func (c Counts) plus(d Counts) Counts {
	return Counts{c.Valid + d.Valid, c.Agree + d.Agree, c.Disagree + d.Disagree, c.Invalid + d.Invalid, c.Votes + d.Votes, c.Votable + d.Votable, c.Population + d.Population}
}

// A Row is one line of an rfprof file.
type Row struct {
	Code
	Counts
	Line int // in the file, from 1
}

// A Case is one question's file: all rows in the file's order.
type Case struct {
	Number int
	Rows   []Row
}

// Data is what a folder of the Commission's files holds.
type Data struct {
	Names    map[Code]string
	Cases    []Case // ascending by number
	Problems []Problem

	bad map[Code]bool // stations with a problem in any case
}

// Bounds of the files.
const (
	maxFile  = 64 << 20
	maxRows  = 1 << 20
	maxCount = 100_000_000
)

var (
	areaHeader = []string{"prv_code", "city_code", "area_code", "dept_code", "li_code", "area_name"}
	profHeader = []string{"prv_code", "city_code", "area_code", "dept_code", "li_code", "tbox_no", "valid_ticket", "agree_ticket", "disagree_ticket",
		"invalid_ticket", "vote_ticket", "votable_population", "population", "vote_to_votable", "agree_to_votable"}
	profName = regexp.MustCompile(`^rfprof-([0-9]{1,4})\.csv$`)
)

// Read reads rfarea.csv and every rfprof-NN.csv of a folder. Only what cannot
// be read at all is an error; contradictions become Problems.
func Read(fsys fs.FS) (*Data, error) {
	d := &Data{Names: map[Code]string{}, bad: map[Code]bool{}}
	if err := d.readAreas(fsys); err != nil {
		return nil, err
	}
	files, err := fs.Glob(fsys, "rfprof-*.csv")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		m := profName.FindStringSubmatch(f)
		if m == nil {
			continue
		}
		number, err := strconv.Atoi(m[1])
		if err != nil {
			return nil, err
		}
		rows, err := d.readProfile(fsys, f)
		if err != nil {
			return nil, err
		}
		d.Cases = append(d.Cases, Case{number, rows})
	}
	if len(d.Cases) == 0 {
		return nil, errors.New("no file rfprof-NN.csv")
	}
	sort.Slice(d.Cases, func(i, j int) bool { return d.Cases[i].Number < d.Cases[j].Number })
	d.compareCases()
	return d, nil
}

func open(fsys fs.FS, name string, header []string) (*csv.Reader, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("reading %s: larger than %d bytes", name, maxFile)
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff"))))
	r.FieldsPerRecord = len(header)
	r.ReuseRecord = true
	first, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	for i := range header {
		if first[i] != header[i] {
			return nil, fmt.Errorf("reading %s: column %d is %q instead of %q", name, i+1, first[i], header[i])
		}
	}
	return r, nil
}

func (d *Data) readAreas(fsys fs.FS) error {
	const file = "rfarea.csv"
	r, err := open(fsys, file, areaHeader)
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		f, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil || n > maxRows {
			return fmt.Errorf("reading %s: %w", file, err)
		}
		line, _ := r.FieldPos(0)
		c := Code{f[0], f[1], f[2], f[3], f[4], "0000"}
		if why := c.check(); why != "" {
			d.problem(file, line, "%s", why)
			continue
		}
		if _, ok := d.Names[c]; ok {
			d.problem(file, line, "area %s given twice", c.ID())
		}
		d.Names[c] = f[5]
	}
}

var codeWidths = []int{2, 3, 2, 3, 4, 4}

func (d *Data) readProfile(fsys fs.FS, file string) ([]Row, error) {
	r, err := open(fsys, file, profHeader)
	if err != nil {
		return nil, err
	}
	var rows []Row
	seen := map[Code]int{}
	for {
		f, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", file, err)
		}
		if len(rows) > maxRows {
			return nil, fmt.Errorf("reading %s: more than %d rows", file, maxRows)
		}
		line, _ := r.FieldPos(0)
		row, why := parseRow(f)
		row.Line = line
		if why == "" {
			if first, ok := seen[row.Code]; ok {
				why = fmt.Sprintf("%s stands in line %d already", row.ID(), first)
			}
			seen[row.Code] = line
		}
		if why != "" {
			d.problem(file, line, "%s", why)
			d.bad[row.Code] = true
			continue
		}
		if _, ok := d.Names[row.area()]; !ok {
			d.problem(file, line, "area %s has no name in rfarea.csv", row.area().ID())
		}
		rows = append(rows, row)
	}
	d.checkSums(file, rows)
	return rows, nil
}

// parseRow reads a row and says how it contradicts itself, if it does.
func parseRow(f []string) (Row, string) {
	row := Row{Code: Code{f[0], f[1], f[2], f[3], f[4], f[5]}}
	if why := row.check(); why != "" {
		return row, why
	}
	for i, n := range []*uint64{&row.Valid, &row.Agree, &row.Disagree, &row.Invalid, &row.Votes, &row.Votable, &row.Population} {
		s := f[6+i]
		v, err := strconv.ParseUint(s, 10, 64)
		if err != nil || v > maxCount || strconv.FormatUint(v, 10) != s {
			return row, fmt.Sprintf("%s: %s is %q, no count", row.ID(), profHeader[6+i], s)
		}
		*n = v
	}
	switch {
	case row.Valid != row.Agree+row.Disagree:
		return row, fmt.Sprintf("%s: %d valid, but %d agree and %d disagree", row.ID(), row.Valid, row.Agree, row.Disagree)
	case row.Votes != row.Valid+row.Invalid:
		return row, fmt.Sprintf("%s: %d papers, but %d valid and %d invalid", row.ID(), row.Votes, row.Valid, row.Invalid)
	case row.Votes > row.Votable:
		return row, fmt.Sprintf("%s: %d papers of %d voters", row.ID(), row.Votes, row.Votable)
	case f[13] != Percent(row.Votes, row.Votable) || f[14] != Percent(row.Agree, row.Votable):
		return row, fmt.Sprintf("%s: percentages %s and %s, the numbers give %s and %s", row.ID(), f[13], f[14], Percent(row.Votes, row.Votable), Percent(row.Agree, row.Votable))
	}
	return row, ""
}
