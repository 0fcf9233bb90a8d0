package simulation

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/code"
	"github.com/openreferendum/referendum/simulation/cec"
)

// WriteResults writes the result in the Commission's layout, one rfprof and one
// rftckt file for every question, into a new folder. Stations that were
// decrypted together have no rows of their own; the rows that sum over them do.
func (r *Referendum) WriteResults(dir string, result *record.Result) (merged []string, err error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	for q, number := range r.Plan.Cases {
		rows, together := r.rows(result, q)
		merged = together
		profile, tickets := new(bytes.Buffer), new(bytes.Buffer)
		if err := cec.WriteProfile(profile, rows); err != nil {
			return nil, err
		}
		if err := cec.WriteTickets(tickets, rows, article29); err != nil {
			return nil, err
		}
		for name, content := range map[string]*bytes.Buffer{"rfprof": profile, "rftckt": tickets} {
			if err := durable.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.csv", name, number)), content.Bytes(), 0o644); err != nil {
				return nil, err
			}
		}
	}
	return merged, nil
}

// article29 is the rule of Article 29, for the column vote_result.
func article29(c cec.Counts) bool { return c.Agree > c.Disagree && 4*c.Agree >= c.Votable }

// rows makes the rows of one question: a station's own where it was decrypted
// alone. The counts of stations that were decrypted together enter at the first
// area that holds all of them.
func (r *Referendum) rows(result *record.Result, q int) (rows []cec.Row, merged []string) {
	plans := map[string]*StationPlan{}
	for i := range r.Plan.Stations {
		plans[r.Plan.Stations[i].ID] = &r.Plan.Stations[i]
	}
	var stations []cec.Row
	for _, a := range result.Aggregates {
		p := papersOf(a.Counts[q])
		counts := cec.Counts{Valid: p.Agree + p.Disagree, Agree: p.Agree, Disagree: p.Disagree, Invalid: p.Blank, Votes: p.Issued}
		place := plans[a.Stations[0]].Code
		for _, id := range a.Stations {
			counts.Votable += uint64(plans[id].Registered)
			place = cec.Around(place, plans[id].Code)
		}
		if len(a.Stations) > 1 {
			merged = append(merged, a.Stations...)
		}
		stations = append(stations, cec.Row{Code: place, Counts: counts})
	}
	return cec.Sums(stations, r.Plan.Root, r.Plan.Populations), merged
}

// WritePapers writes what the printers of all stations printed, as PDF, a
// folder for each station below dir. progress counts stations.
func (r *Referendum) WritePapers(dir string, progress func(done, total int64)) error {
	tick := counter(len(r.Plan.Stations), progress)
	for _, s := range r.Plan.Stations {
		folder := filepath.Join(dir, s.ID)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		if err := r.Papers[s.ID].Write(folder, "Station "+s.ID, r.Plan.Day.Add(9*time.Hour)); err != nil {
			return err
		}
		if r.Devices != nil {
			if err := r.Devices.writePrinted(folder, s.ID); err != nil {
				return err
			}
		}
		tick()
	}
	return nil
}

// TakeHome writes what a voter who cast and one who challenged have in their
// hands, for trying `verify receipt` and `verify challenge`: the code of a
// ballot, and a challenge file ("" where nobody challenged).
func (r *Referendum) TakeHome(dir string) (receipt, challenge string, err error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", "", err
	}
	for _, s := range r.Plan.Stations {
		bundle := os.DirFS(filepath.Join(r.Media()[0], s.ID))
		if receipt == "" {
			if receipt, err = r.firstCode(s.ID); err != nil {
				return "", "", err
			}
		}
		closing, err := record.ReadSigned[record.Closing](bundle, record.ClosingFile)
		if err != nil {
			return "", "", err
		}
		all, err := record.ReadChallenged(r.Election, bundle, closing.Body)
		if err != nil {
			return "", "", err
		}
		if len(all) == 0 {
			continue
		}
		b, err := record.Marshal(record.Challenge{
			Election: r.Election.ID, Station: s.ID, Code: all[0].Code, Seed: all[0].Seed, Selections: all[0].Selections, Ballot: all[0].Ballot,
		})
		if err != nil {
			return "", "", err
		}
		challenge = filepath.Join(dir, "challenge.json")
		return receipt, challenge, durable.WriteFile(challenge, b, 0o644)
	}
	return receipt, "", nil
}

// firstCode returns the confirmation code of the station's first ballot, as a
// receipt shows it, or "" where nobody voted.
func (r *Referendum) firstCode(station string) (string, error) {
	ballots, err := record.OpenBallots(r.Election, os.DirFS(filepath.Join(r.Media()[0], station)), station)
	if err != nil {
		return "", err
	}
	defer ballots.Close()
	_, c, err := ballots.Next()
	if err != nil {
		return "", nil
	}
	return code.Format(c), nil
}

// Closing returns what a station signed at the close of polls.
func (r *Referendum) Closing(station string) (record.Closing, error) {
	c, err := record.ReadSigned[record.Closing](os.DirFS(filepath.Join(r.Media()[0], station)), record.ClosingFile)
	if err != nil {
		return record.Closing{}, err
	}
	return c.Body, nil
}
