package simulation

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/simulation/cec"
)

// Invention configures Invent. All fields are required.
type Invention struct {
	Stations  int // at most 9,990
	Voters    int // on the roll of a station, in the mean
	Questions int // at most 64
	Seed      uint64
}

func (v Invention) check() error {
	switch {
	case v.Stations < 1 || v.Stations > 9990:
		return fmt.Errorf("inventing a referendum: %d stations, possible are 1 to 9990", v.Stations)
	case v.Voters < 1 || v.Voters > 5000:
		return fmt.Errorf("inventing a referendum: %d voters at a station, possible are 1 to 5000", v.Voters)
	case v.Questions < 1 || v.Questions > 64:
		return fmt.Errorf("inventing a referendum: %d questions, possible are 1 to 64", v.Questions)
	}
	return nil
}

// Invent writes the files of a referendum that never was, in the Commission's
// layout, into a folder that exists: one county, with a village for every two
// stations and a town for every ten villages.
func Invent(dir string, v Invention) error {
	if err := v.check(); err != nil {
		return err
	}
	chance := rand.New(rand.NewPCG(v.Seed, 2))
	names, areas := map[cec.Code]string{}, []cec.Code(nil)
	places := make([]cec.Row, v.Stations)
	for i := range places {
		places[i] = cec.Row{Code: invented(i)}
		places[i].Votable = uint64(1 + chance.IntN(2*v.Voters))
	}
	for _, r := range cec.Sums(places, invented(0).County(), nil) {
		if c := r.Code; c.Station == "0000" {
			areas, names[c] = append(areas, c), inventedName(c)
		}
	}
	var b bytes.Buffer
	if err := cec.WriteAreas(&b, areas, names); err != nil {
		return err
	}
	if err := durable.WriteFile(filepath.Join(dir, "rfarea.csv"), b.Bytes(), 0o644); err != nil {
		return err
	}
	return inventResults(dir, v.Questions, places, chance)
}

// inventResults writes one file for every question: a turnout of 20 to 80 per
// cent at each station, and of those some who do not take this paper.
func inventResults(dir string, questions int, places []cec.Row, chance *rand.Rand) error {
	for q := range questions {
		rows := make([]cec.Row, len(places))
		favour := 0.3 + 0.4*chance.Float64()
		for i, p := range places {
			papers := uint64(float64(p.Votable) * (0.2 + 0.6*chance.Float64()))
			agree := uint64(float64(papers) * favour)
			blank := (papers - agree) / 40
			rows[i] = cec.Row{Code: p.Code, Counts: cec.Counts{
				Valid: papers - blank, Agree: agree, Disagree: papers - agree - blank, Invalid: blank, Votes: papers, Votable: p.Votable,
			}}
		}
		var b bytes.Buffer
		if err := cec.WriteProfile(&b, cec.Sums(rows, invented(0).County(), nil)); err != nil {
			return err
		}
		if err := durable.WriteFile(filepath.Join(dir, fmt.Sprintf("rfprof-%d.csv", q+1)), b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// invented is the code of the i-th invented station, from 0.
func invented(i int) cec.Code {
	village := i / 2
	return cec.Code{
		Province: "99", City: "001", Area: "00", Town: fmt.Sprintf("%03d", 10+village/10),
		Village: fmt.Sprintf("%04d", 1+village), Station: fmt.Sprintf("%04d", 1+i),
	}
}

func inventedName(c cec.Code) string {
	switch {
	case c.Town == "000":
		return "模擬縣"
	case c.Village == "0000":
		return "模擬鄉" + c.Town
	}
	return "模擬村" + c.Village
}
