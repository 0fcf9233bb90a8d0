package cec

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// A Place is one polling station with its official results.
type Place struct {
	Code
	Votable uint64
	Results []Counts // by case
}

// Name returns an area's name, such as "南竿鄉".
func (d *Data) Name(c Code) string { return d.Names[c.area()] }

// Select returns the stations within an area, ascending by ID: "tw" or "" for
// all, an ID such as "09007" or "09007-010-0001", or names from the county
// down, such as "連江縣 南竿鄉". Stations with a problem are left out, and
// named.
func (d *Data) Select(area string) (places []Place, leftOut []string, err error) {
	root, err := d.Find(area)
	if err != nil {
		return nil, nil, err
	}
	index := map[Code]int{}
	for i, c := range d.Cases {
		for _, r := range c.Rows {
			if r.Station == "0000" || d.bad[r.Code] || !r.within(root) {
				continue
			}
			if i == 0 {
				index[r.Code] = len(places)
				places = append(places, Place{Code: r.Code, Votable: r.Votable})
			}
			k := index[r.Code]
			places[k].Results = append(places[k].Results, r.Counts)
		}
	}
	for c := range d.bad {
		if c.Station != "0000" && c.within(root) {
			leftOut = append(leftOut, c.ID())
		}
	}
	slices.Sort(leftOut)
	sort.Slice(places, func(i, j int) bool { return places[i].ID() < places[j].ID() })
	if len(places) == 0 {
		return nil, leftOut, fmt.Errorf("no station without a problem in %q", area)
	}
	return places, leftOut, nil
}

func (c Code) within(root Code) bool {
	for {
		if c == root {
			return true
		}
		p, ok := c.Parent()
		if !ok {
			return false
		}
		c = p
	}
}

// Find returns the code of an area, named as for Select.
func (d *Data) Find(area string) (Code, error) {
	nation := Code{"00", "000", "00", "000", "0000", "0000"}
	area = strings.TrimSpace(area)
	if area == "" || area == "tw" || area == "全國" {
		return nation, nil
	}
	names := strings.Fields(area)
	var found []Code
	consider := func(c Code) {
		if c.ID() == area || d.named(c, names) {
			found = append(found, c)
		}
	}
	for c := range d.Names {
		consider(c)
	}
	for _, r := range d.Cases[0].Rows {
		if r.Station != "0000" && r.ID() == area {
			found = append(found, r.Code)
		}
	}
	switch len(found) {
	case 0:
		return Code{}, fmt.Errorf("no area %q; write an identifier such as 09007 or names such as 連江縣 南竿鄉", area)
	case 1:
		return found[0], nil
	}
	return Code{}, fmt.Errorf("area %q is not unique: write the county's name before it", area)
}

// named reports whether the names, from outside in, end at c.
func (d *Data) named(c Code, names []string) bool {
	for i := len(names) - 1; i >= 0; i-- {
		if d.Names[c] != names[i] {
			return false
		}
		p, ok := c.Parent()
		if !ok {
			return i == 0
		}
		c = p
	}
	return true
}

// Populations returns the inhabitants of the areas of which they are given.
func (d *Data) Populations() map[Code]uint64 {
	known := map[Code]uint64{}
	for _, r := range d.Cases[0].Rows {
		if r.Population > 0 {
			known[r.Code] = r.Population
		}
	}
	return known
}

// Only keeps the cases of the given numbers; none given keeps all.
func (d *Data) Only(numbers []int) error {
	if len(numbers) == 0 {
		return nil
	}
	var kept []Case
	for _, c := range d.Cases {
		if slices.Contains(numbers, c.Number) {
			kept = append(kept, c)
		}
	}
	for _, n := range numbers {
		if !slices.ContainsFunc(kept, func(c Case) bool { return c.Number == n }) {
			return fmt.Errorf("no file rfprof-%d.csv", n)
		}
	}
	d.Cases = kept
	return nil
}

// An Area is a part of the nation, with what lies in it.
type Area struct {
	Code
	Name     string
	Stations int
	Votable  uint64
}

// Areas lists the parts of an area, ascending by ID.
func (d *Data) Areas(area string) ([]Area, error) {
	root, err := d.Find(area)
	if err != nil {
		return nil, err
	}
	parts := map[Code]*Area{}
	for _, r := range d.Cases[0].Rows {
		if r.Station == "0000" || r.Code == root || !r.within(root) {
			continue
		}
		part := r.Code
		for p, ok := part.Parent(); ok && p != root; p, ok = p.Parent() {
			part = p
		}
		if parts[part] == nil {
			parts[part] = &Area{Code: part, Name: d.Name(part)}
		}
		parts[part].Stations++
		parts[part].Votable += r.Votable
	}
	var list []Area
	for _, a := range parts {
		list = append(list, *a)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].ID() < list[j].ID() })
	return list, nil
}
