package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/simulation"
	"github.com/openreferendum/referendum/verifier"
)

// A stage shows the steps of a referendum as they are played.
type stage struct {
	c       *cobra.Command
	voice   terminal.Voice
	begun   time.Time
	step    time.Time
	current int
}

// steps is how many steps a referendum has.
const steps = 7

func (s *stage) say(format string, args ...any) { s.voice.Say(format, args...) }

// begin prints the headline of the next step.
func (s *stage) begin(title string) {
	s.current++
	s.step = time.Now()
	s.say("\n[%d/%d] %s", s.current, steps, title)
}

// tell prints a line of a step.
func (s *stage) tell(format string, args ...any) { s.say("      "+format, args...) }

// took ends a step.
func (s *stage) took() { s.tell("%.1f s", time.Since(s.step).Seconds()) }

// with shows the progress of a piece of work.
func (s *stage) with(label string, do func(progress func(done, total int64)) error) error {
	p := terminal.NewProgress(s.c.ErrOrStderr(), "      "+label)
	defer p.Finish()
	return do(p.Report)
}

// play plays the plan from the key ceremony to the comparison.
func (f *playFlags) play(c *cobra.Command, p *simulation.Plan) error {
	r, err := simulation.New(p, f.out, f.workers)
	if err != nil {
		return terminal.Unusable(err, "nothing is ever overwritten; choose another folder")
	}
	r.DiscardDatabases, r.Quick = f.discard, f.quick
	if f.devices {
		booth, err := simulation.NewBooth()
		if err != nil {
			return terminal.Unusable(err, "the Debian packages pcscd, vsmartcard-vpcd and swtpm are needed")
		}
		defer booth.Close()
		r.Devices = &simulation.Devices{Booth: booth, FaultEvery: f.faultEvery}
	}
	s := &stage{c: c, voice: terminal.NewVoice(c.OutOrStdout(), p.Kind), begun: time.Now()}
	s.say("%s", p.Title["en"])
	s.say("%s: %s stations, %s registered voters, %s who vote, %d questions (seed %d)", p.RootName, count(uint64(len(p.Stations))), count(uint64(p.Registered())),
		count(uint64(p.Voters())), len(p.Questions), p.Seed)
	if f.quick {
		if err := s.room(p, f.out); err != nil {
			return err
		}
	}
	for _, act := range []func(*stage, *simulation.Referendum) error{ceremony, provision, vote, transport, tally} {
		if err := act(s, r); err != nil {
			return terminal.Internal(err, fmt.Sprintf("%s is not whole and cannot be gone on with: remove it, see that the disk has room, and run again", f.out))
		}
	}
	report, err := verify(s, r)
	if err != nil {
		return err
	}
	return f.compare(s, r, report.Result)
}

// room says how much a quick rehearsal will take on the disk, and refuses one that
// would fill it.
func (s *stage) room(p *simulation.Plan, out string) error {
	need := p.QuickRoom()
	s.say("on the disk: %s, every ballot on the medium and in the record", size(need))
	free, err := simulation.Free(out)
	if err != nil {
		return terminal.Unusable(err, "--out is a new folder in one that is there")
	}
	if free < need {
		return terminal.Unusable(fmt.Errorf("%s are free for %s, and %s are needed", size(free), out, size(need)), "choose a folder on another disk, or a smaller --area")
	}
	return nil
}

// size writes a number of bytes for people.
func size(n uint64) string {
	if n < 1e9 {
		return fmt.Sprintf("%.0f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

func ceremony(s *stage, r *simulation.Referendum) error {
	p := r.Plan
	s.begin(fmt.Sprintf("key ceremony: any %d of %d trustees will be needed to decrypt", p.Threshold, p.Trustees))
	if err := r.Ceremony(); err != nil {
		return err
	}
	s.tell("%d trustees in %d folders enrolled, committed, revealed and confirmed, and exchanged nothing but files", p.Trustees, p.Trustees)
	s.tell("joint key %v", r.Election.JointKey.Key)
	s.tell("manifest and joint key are the election %v", r.Election.ID)
	s.took()
	return nil
}

func provision(s *stage, r *simulation.Referendum) error {
	if r.Quick {
		s.begin("stations: left out, this is a quick rehearsal")
		s.tell("there are no machines, rolls, cards and paper: the record will say nothing of how stations work")
		return nil
	}
	s.begin("stations: manifest, keys, rolls, and each machine's own database on two media")
	if err := s.with("stations", r.Provision); err != nil {
		return err
	}
	s.tell("every roll is signed by the authority; %s names on them, as digests", count(uint64(r.Plan.Registered())))
	s.took()
	return nil
}

func vote(s *stage, r *simulation.Referendum) error {
	if r.Quick {
		return quickVote(s, r)
	}
	s.begin("voting: card, choices, slip behind the window, receipt, cast or challenge; then every station closes and signs")
	if err := s.with("voters", r.Vote); err != nil {
		return err
	}
	var total record.Counts
	for _, place := range r.Plan.Stations {
		c, err := r.Closing(place.ID)
		if err != nil {
			return err
		}
		total = plus(total, c.Counts)
	}
	s.tell("%s voters signed with their cards and cast a ballot; %s ballots were challenged and opened; %s sessions were abandoned",
		count(uint64(total.Cast)), count(uint64(total.Challenged)), count(uint64(total.Abandoned)))
	s.tell("%s slips printed = %s in the boxes + %s voided", count(uint64(total.SlipsPrinted)), count(uint64(total.Cast)), count(uint64(total.SlipsVoided)))
	if r.Devices != nil {
		for _, fault := range slices.Sorted(maps.Keys(r.Devices.Faults)) {
			s.tell("%4d times: %s", r.Devices.Faults[fault], fault)
		}
	}
	s.took()
	return nil
}

// quickVote makes the ballots and says how fast that was.
func quickVote(s *stage, r *simulation.Referendum) error {
	s.begin("ballots: made and proved in memory; then every station's closing is signed")
	if err := s.with("ballots", r.Vote); err != nil {
		return err
	}
	n := r.Plan.Voters()
	s.tell("%s ballots of %d bytes, %.0f a second", count(uint64(n)), r.Election.BallotSize(), float64(n)/time.Since(s.step).Seconds())
	s.took()
	return nil
}

func plus(a, b record.Counts) record.Counts {
	return record.Counts{
		Registered: a.Registered + b.Registered, Attendances: a.Attendances + b.Attendances, Sessions: a.Sessions + b.Sessions, Cast: a.Cast + b.Cast,
		Challenged: a.Challenged + b.Challenged, Abandoned: a.Abandoned + b.Abandoned, SlipsPrinted: a.SlipsPrinted + b.SlipsPrinted, SlipsVoided: a.SlipsVoided + b.SlipsVoided,
	}
}

func transport(s *stage, r *simulation.Referendum) error {
	media := "two media"
	if r.Quick {
		media = "one medium"
	}
	s.begin("transport: one signed bundle for each station, on " + media + "; the tally imports and verifies them")
	if err := s.with("ballots", r.Count); err != nil {
		return err
	}
	s.tell("%s bundles: every signature, checkpoint, count and proof was checked, and the ballots were added up", count(uint64(len(r.Plan.Stations))))
	s.took()
	return nil
}

func tally(s *stage, r *simulation.Referendum) error {
	check := "each trustee checks the whole record for itself"
	if r.Quick {
		check = "one trustee checks the whole record for all"
	}
	s.begin("decryption: " + check + ", then decrypts the sums and nothing else")
	for i := 1; i <= r.Plan.Threshold; i++ {
		err := s.with(fmt.Sprintf("trustee %d: ballots", i), func(progress func(done, total int64)) error { return r.Decrypt(i, progress) })
		if err != nil {
			return err
		}
		s.tell("trustee %d answered", i)
	}
	result, err := r.Publish()
	if err != nil {
		return err
	}
	s.tell("%s sums decrypted by the trustees %s; the result is decided and the record published",
		count(uint64(len(result.Aggregates))), strings.Trim(fmt.Sprint(result.Trustees), "[]"))
	s.took()
	return nil
}

func verify(s *stage, r *simulation.Referendum) (*verifier.Report, error) {
	s.begin("verification: what every observer can do with the published record")
	var report *verifier.Report
	err := s.with("ballots", func(progress func(done, total int64)) error {
		report = verifier.Verify(os.DirFS(r.RecordDir()), verifier.Options{Workers: r.Workers, Progress: progress, Election: &r.Election.ID, Random: r.Random})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, c := range report.Checks {
		s.tell("%s  %-22s %-7s %9s", c.ID, c.Title, c.Status, count(uint64(c.Done)))
	}
	if !report.OK() {
		for _, f := range report.Failures {
			s.tell("%s  %s: %s", f.Check, f.Where, f.Why)
		}
		return nil, terminal.Bad(fmt.Errorf("the record in %s does not verify", r.RecordDir()), "this should never be: please report it")
	}
	s.tell("the record verifies")
	s.took()
	return report, nil
}

// compare prints our counts beside the official ones and writes what is left
// for people to look at.
func (f *playFlags) compare(s *stage, r *simulation.Referendum, result *record.Result) error {
	given := source(r.Plan)
	counted := "slips in the boxes"
	if r.Quick {
		counted = "voters' choices"
	}
	s.begin("the result, beside the " + counted + " and the " + given + " counts")
	each, total, err := r.Compare(result)
	if err != nil {
		return terminal.Internal(err, "")
	}
	if f.stations {
		for _, c := range each {
			s.station(r, c)
		}
	}
	s.total(result, r, total)
	if err := f.leave(s, r, result); err != nil {
		return terminal.Internal(err, "")
	}
	differing := 0
	for _, c := range each {
		if !c.Agrees() {
			differing++
		}
	}
	if differing > 0 || !total.Agrees() {
		return terminal.Bad(fmt.Errorf("the counts of %d sums differ from the %s or from the %s ones", differing, counted, given), "see them with --stations")
	}
	s.say("\nno difference anywhere: decrypted counts = %s = %s counts, in every sum of %s stations (%.0f s)", counted, given, count(uint64(len(r.Plan.Stations))), time.Since(s.begun).Seconds())
	return nil
}

// leave writes results, papers and what voters took home, and says where.
func (f *playFlags) leave(s *stage, r *simulation.Referendum, result *record.Result) error {
	merged, err := r.WriteResults(filepath.Join(f.out, "results"), result)
	if err != nil {
		return err
	}
	if r.Quick {
		return s.leaveQuick(f, r)
	}
	err = s.with("papers of stations", func(progress func(done, total int64)) error {
		return r.WritePapers(filepath.Join(f.out, "papers"), progress)
	})
	if err != nil {
		return err
	}
	receipt, challenge, err := r.TakeHome(filepath.Join(f.out, "taken-home"))
	if err != nil {
		return err
	}
	s.say("")
	s.tell("record     %s", r.RecordDir())
	s.tell("results    %s (the Commission's layout: rfprof, rftckt)", filepath.Join(f.out, "results"))
	papers := "every slip in the box, tapes, some receipts, as PDF"
	if r.Devices != nil {
		papers = "every slip in the box, as PDF; some pictures of what was printed"
	}
	s.tell("papers     %s (%s)", filepath.Join(f.out, "papers"), papers)
	if len(merged) > 0 {
		s.tell("so few voted at %d stations that they were decrypted together with neighbours and have no rows of their own", len(merged))
	}
	s.say("")
	s.tell("try        verify --election %v %s", r.Election.ID, r.RecordDir())
	if receipt != "" {
		s.tell("           verify receipt '%s' --record %s", receipt, r.RecordDir())
	}
	if challenge != "" {
		s.tell("           verify challenge %s --record %s", challenge, r.RecordDir())
	}
	s.tell("           passphrase of every secret here: %s", simulation.Passphrase)
	return nil
}

// leaveQuick says where the record of a quick rehearsal is.
func (s *stage) leaveQuick(f *playFlags, r *simulation.Referendum) error {
	s.say("")
	s.tell("record     %s", r.RecordDir())
	s.tell("results    %s (the Commission's layout: rfprof, rftckt)", filepath.Join(f.out, "results"))
	s.say("")
	s.tell("try        verify --election %v %s", r.Election.ID, r.RecordDir())
	return nil
}
