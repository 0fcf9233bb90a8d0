package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/simulation"
	"github.com/openreferendum/referendum/simulation/cec"
)

// A playFlags is what demo and run take.
type playFlags struct {
	out                 string
	seed                uint64
	workers             int
	stations            bool
	trustees, threshold int
	privacy             uint32
	challenge, abandon  float64
	kind                string
	discard, devices    bool
	quick               bool
	faultEvery          int
}

func (f *playFlags) add(c *cobra.Command) {
	terminal.Require(c, &f.out, "out", "the new `folder` for everything that comes out")
	s := c.Flags()
	s.Uint64Var(&f.seed, "seed", 1, "who comes, in which order, and who takes which papers")
	s.IntVar(&f.workers, "workers", runtime.NumCPU(), "processors to use")
	s.BoolVar(&f.stations, "stations", false, "print our counts beside the official ones for every station")
	s.IntVar(&f.trustees, "trustees", 5, "number of trustees")
	s.IntVar(&f.threshold, "threshold", 3, "how many of them decrypt; more than half")
	s.Uint32Var(&f.privacy, "privacy-threshold", 20, "fewest ballots that are decrypted together")
	s.Float64Var(&f.challenge, "challenge", 0.03, "share of voters who test the machine first")
	s.Float64Var(&f.abandon, "abandon", 0.01, "share of voters who walk away once, and come back")
	s.StringVar(&f.kind, "kind", record.Live, "what the manifest says: live, rehearsal or test-deck")
	s.BoolVar(&f.devices, "devices", false, "let every station's day go through the drivers, with emulated devices behind")
	s.BoolVar(&f.quick, "quick", false, "make the ballots in memory, without machines, cards and paper: for records as large as a nation's")
	s.IntVar(&f.faultEvery, "fault-every", 0, "with --devices: let something go wrong in every so-manieth session (0: nothing)")
	s.BoolVar(&f.discard, "discard-databases", false, "remove a station's databases when its bundle is on both media")
}

// checkQuick refuses what a quick rehearsal leaves out: it would be ignored.
func (f *playFlags) checkQuick(c *cobra.Command) error {
	if f.kind == record.Live {
		return terminal.Unusable(errors.New("a quick simulation has no stations, and is refused when the vote is live"), "with --quick, add --kind rehearsal or --kind test-deck")
	}
	if f.devices {
		return terminal.Unusable(errors.New("--quick leaves out what --devices is for"), "")
	}
	for _, name := range []string{"challenge", "abandon", "discard-databases"} {
		if c.Flags().Changed(name) {
			return terminal.Unusable(fmt.Errorf("--quick leaves out what --%s is for", name), "nobody comes to a station in a quick rehearsal: leave one of the two out")
		}
	}
	return nil
}

func (f *playFlags) check(c *cobra.Command) error {
	for _, share := range []float64{f.challenge, f.abandon} {
		if !(share >= 0 && share <= 1) {
			return terminal.Unusable(fmt.Errorf("a share of %v of the voters", share), "shares go from 0 to 1")
		}
	}
	if f.workers < 1 || f.workers > 256 {
		return terminal.Unusable(fmt.Errorf("%d workers", f.workers), "as many as there are processors is a good number")
	}
	if f.trustees < 1 || f.threshold > f.trustees || 2*f.threshold <= f.trustees {
		return terminal.Unusable(fmt.Errorf("%d of %d trustees", f.threshold, f.trustees), "more than half of the trustees decrypt, and at most all of them")
	}
	if !slices.Contains([]string{record.Live, record.Rehearsal, record.TestDeck}, f.kind) {
		return terminal.Unusable(fmt.Errorf("kind: %q is none of live, rehearsal, test-deck", f.kind), "")
	}
	if f.devices && f.kind == record.Live {
		return terminal.Unusable(errors.New("emulated devices are refused when the vote is live"), "with --devices, add --kind rehearsal or --kind test-deck")
	}
	if f.quick {
		if err := f.checkQuick(c); err != nil {
			return err
		}
	}
	if f.faultEvery < 0 || f.faultEvery > 0 && !f.devices {
		return terminal.Unusable(fmt.Errorf("a fault in every %d sessions", f.faultEvery), "--fault-every goes with --devices; 20 is one session in twenty")
	}
	if f.privacy < 2 {
		return terminal.Unusable(fmt.Errorf("%d ballots decrypted together", f.privacy), "one ballot alone tells how somebody voted")
	}
	return nil
}

// apply puts the flags into a plan.
func (f *playFlags) apply(p *simulation.Plan) {
	p.Trustees, p.Threshold, p.PrivacyThreshold = f.trustees, f.threshold, f.privacy
	p.ChallengeShare, p.AbandonShare, p.Kind = f.challenge, f.abandon, f.kind
}

func demoCommand() *cobra.Command {
	var f playFlags
	c := &cobra.Command{
		Use: "demo --out FOLDER", Args: cobra.NoArgs,
		Short:   "the referendums of 18 December 2021 in Lienchiang County",
		Long:    "demo plays the four referendums of 18 December 2021 in Lienchiang County (連江縣):\nten polling stations, 11,673 registered voters, 3,118 who voted.",
		Example: "    simulate demo --out build/demo --stations",
		RunE: func(c *cobra.Command, _ []string) error {
			fsys, err := fs.Sub(cec.Lienchiang, "data")
			if err != nil {
				return err
			}
			return f.playData(c, fsys, "連江縣", nil)
		},
	}
	f.add(c)
	return c
}

func runCommand() *cobra.Command {
	var f playFlags
	var data, area string
	var cases []int
	c := &cobra.Command{
		Use: "run --data FOLDER --area AREA --out FOLDER", Args: cobra.NoArgs,
		Short: "any county, district or the nation, from the Commission's files",
		Long: `run reads rfarea.csv and every rfprof-NN.csv of a folder, in the Commission's published
layout, and plays the referendum of an area with one question for each file. AREA is
an identifier (09007, 09007-010), names from the county down ("連江縣 南竿鄉"), or tw
for the nation. Stations whose rows contradict themselves are named and left out.

With --devices the voters' and poll workers' cards go through pcscd, pages through
serial ports to two emulated printers, paper through the panel's window and flap, and
the slips are read from the pictures that were printed: about a second a voter.

With --quick nobody comes to a station: the ballots are made in memory, thousands a second,
each other than the others and right in every field, but without keeping a secret. From
the closing on everything is as always, but that one trustee checks the record for all.
So a record of millions of ballots can be had, to rehearse counting and checking.`,
		Example: `    simulate run --data cec-2021 --area 連江縣 --cases 17,20 --out out
    simulate run --data cec-2021 --area "臺北市 松山區" --seed 7 --out out
    simulate run --data cec-2021 --area 連江縣 --devices --fault-every 20 --kind rehearsal --out out
    simulate run --data cec-2021 --area 新北市 --quick --kind rehearsal --out out
    simulate run --data cec-2021 --area tw --discard-databases --out out`,
		RunE: func(c *cobra.Command, _ []string) error {
			fsys, err := folder(data)
			if err != nil {
				return err
			}
			return f.playData(c, fsys, area, cases)
		},
	}
	dataFlag(c, &data)
	c.Flags().StringVar(&area, "area", "tw", "the `area` to play")
	c.Flags().IntSliceVar(&cases, "cases", nil, "only the questions of these `numbers`")
	f.add(c)
	return c
}

func dataFlag(c *cobra.Command, data *string) {
	terminal.Require(c, data, "data", "the `folder` with the Commission's files")
}

// folder opens a folder of data.
func folder(path string) (fs.FS, error) {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a folder", path)
	}
	if err != nil {
		return nil, terminal.Unusable(fmt.Errorf("reading the data: %w", err), "FOLDER has rfarea.csv and rfprof-NN.csv")
	}
	return os.DirFS(path), nil
}

func readFolder(path string) (*cec.Data, error) {
	fsys, err := folder(path)
	if err != nil {
		return nil, err
	}
	return read(fsys)
}

func read(fsys fs.FS) (*cec.Data, error) {
	d, err := cec.Read(fsys)
	return d, terminal.Unusable(wrap("reading the data", err), "the files must have the Commission's published layout: rfarea.csv and rfprof-NN.csv")
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// playData makes the plan and plays it.
func (f *playFlags) playData(c *cobra.Command, fsys fs.FS, area string, cases []int) error {
	if err := f.check(c); err != nil {
		return err
	}
	d, err := read(fsys)
	if err != nil {
		return err
	}
	if err := d.Only(cases); err != nil {
		return terminal.Unusable(err, "")
	}
	for _, p := range d.Problems {
		fmt.Fprintf(c.ErrOrStderr(), "contradiction: %v\n", p)
	}
	p, leftOut, err := simulation.FromData(d, area, f.seed)
	for _, id := range leftOut {
		fmt.Fprintf(c.ErrOrStderr(), "left out: station %s, whose rows contradict themselves\n", id)
	}
	if err != nil {
		return terminal.Unusable(err, "see: simulate areas --data FOLDER")
	}
	f.apply(p)
	return f.play(c, p)
}

func checkCommand() *cobra.Command {
	var data string
	c := &cobra.Command{
		Use: "check --data FOLDER", Args: cobra.NoArgs,
		Short:   "which rows of the Commission's files contradict themselves",
		Long:    "check reads the files and names every row whose sums do not add up, that stands twice,\nthat has numbers which are no counts, or that does not fit the other files.",
		Example: "    simulate check --data cec-2021",
		RunE: func(c *cobra.Command, _ []string) error {
			d, err := readFolder(data)
			if err != nil {
				return err
			}
			for _, p := range d.Problems {
				fmt.Fprintln(c.OutOrStdout(), p)
			}
			if n := len(d.Problems); n > 0 {
				return terminal.Bad(fmt.Errorf("%d contradictions", n), "simulate run leaves out the stations they concern")
			}
			fmt.Fprintf(c.OutOrStdout(), "%d files, %d areas, no contradiction\n", len(d.Cases), len(d.Names))
			return nil
		},
	}
	dataFlag(c, &data)
	return c
}

func areasCommand() *cobra.Command {
	var data, area string
	c := &cobra.Command{
		Use: "areas --data FOLDER [--area AREA]", Args: cobra.NoArgs,
		Short:   "which areas the files have",
		Example: "    simulate areas --data cec-2021 --area 連江縣",
		RunE: func(c *cobra.Command, _ []string) error {
			d, err := readFolder(data)
			if err != nil {
				return err
			}
			list, err := d.Areas(area)
			if err != nil {
				return terminal.Unusable(err, "see: simulate areas --data FOLDER")
			}
			for _, a := range list {
				fmt.Fprintf(c.OutOrStdout(), "%-16s %7s stations %12s voters  %s\n", a.ID(), count(uint64(a.Stations)), count(a.Votable), a.Name)
			}
			return nil
		},
	}
	dataFlag(c, &data)
	c.Flags().StringVar(&area, "area", "tw", "the `area` whose parts to list")
	return c
}

func inventCommand() *cobra.Command {
	var out string
	v := simulation.Invention{}
	c := &cobra.Command{
		Use: "invent --out FOLDER", Args: cobra.NoArgs,
		Short: "files of a referendum that never was, with any number of questions",
		Example: `    simulate invent --stations 12 --voters 100 --questions 10 --out made
    simulate run --data made --out out`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := os.Mkdir(out, 0o755); err != nil {
				if errors.Is(err, fs.ErrExist) {
					return terminal.Unusable(fmt.Errorf("%s is there already", out), "nothing is ever overwritten; choose another name")
				}
				return terminal.Unusable(err, "")
			}
			if err := simulation.Invent(out, v); err != nil {
				return terminal.Unusable(errors.Join(err, os.Remove(out)), "")
			}
			fmt.Fprintf(c.OutOrStdout(), "written:  %s\nnext:     simulate run --data %s --out NEW-FOLDER\n", out, out)
			return nil
		},
	}
	terminal.Require(c, &out, "out", "the new `folder` for the files")
	c.Flags().IntVar(&v.Stations, "stations", 10, "number of stations")
	c.Flags().IntVar(&v.Voters, "voters", 100, "voters on a station's roll, in the mean")
	c.Flags().IntVar(&v.Questions, "questions", 4, "number of questions")
	c.Flags().Uint64Var(&v.Seed, "seed", 1, "what is invented")
	return c
}
