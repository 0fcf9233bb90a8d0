package adversary

import (
	"fmt"
	"io/fs"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/threshold"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
	"github.com/openreferendum/referendum/station/stationtest"
)

// Close writes a station's folder from its box, signed by the station and two
// officials. It neither sorts nor counts: that is the box's.
func (w *World) Close(id string) {
	w.CloseWith(id, func(*record.Closing, *ballotlog.Checkpoint) {})
}

// CloseWith is Close with a last word of the insider before the signatures.
func (w *World) CloseWith(id string, change func(*record.Closing, *ballotlog.Checkpoint)) {
	b := w.boxes[id]
	var tree ballotlog.Tree
	var ballots, challenged []byte
	for _, ballot := range b.Ballots {
		_ = tree.Append(w.code(id, ballot)) // an insider's box may be out of order
		ballots = append(ballots, ballot...)
	}
	for _, c := range b.Challenged {
		challenged = append(challenged, c.Encode()...)
	}
	closing := record.Closing{
		Election: w.Election.ID, Station: id, Counts: b.Counts, BallotsRoot: tree.Root(),
		AttendancesRoot: record.FileHash([]byte("attendances of " + id)), Challenged: record.ChallengedDigest(challenged),
		Software: record.FileHash([]byte("the station's program")),
	}
	checkpoint := ballotlog.Checkpoint{Election: w.Election.ID, Station: id, Size: tree.Size(), Root: tree.Root()}
	change(&closing, &checkpoint)
	w.file(id, record.BallotsFile, ballots)
	w.file(id, record.ChallengedFile, challenged)
	w.file(id, record.CheckpointFile, must(ballotlog.Sign(checkpoint, signer("station "+id))))
	w.SignClosing(id, closing, 1, 2)
}

func (w *World) file(station, name string, b []byte) { w.Files[record.StationFile(station, name)] = b }

// SignClosing signs a closing statement with the station and these officials.
func (w *World) SignClosing(id string, c record.Closing, officials ...int) {
	s := &record.Signed[record.Closing]{Body: c}
	check(s.Sign(record.SignerStation(id), signer("station "+id)))
	for _, i := range officials {
		check(s.Sign(record.SignerOfficial(i), signer(official(i, id))))
	}
	w.put(record.StationFile(id, record.ClosingFile), s)
}

// Closing reads a station's closing statement.
func (w *World) Closing(id string) *record.Signed[record.Closing] {
	return must(record.ReadSigned[record.Closing](w.FS(), record.StationFile(id, record.ClosingFile)))
}

// Count adds up what is in the stations' folders, lets the trustees answer, and
// writes result and inventory.
func (w *World) Count() {
	w.Aggregate(func(*record.Aggregates) {})
	w.Answer()
}

// Answer lets the trustees answer the sums, whatever they are, and goes on.
func (w *World) Answer() {
	w.answers()
	w.Publish()
}

func (w *World) answers() {
	w.forgetAnswers()
	for _, i := range w.answering {
		w.AnswerWith(i, func(*record.Decryption) {})
	}
}

// forgetAnswers removes all trustees' answers.
func (w *World) forgetAnswers() {
	for i := range w.trustees {
		delete(w.Files, record.DecryptionFile(i+1))
	}
}

// Aggregate signs the sums of the plan, with a last word of the authority.
func (w *World) Aggregate(change func(*record.Aggregates)) {
	cast, sums := w.scan()
	a := &record.Signed[record.Aggregates]{Body: record.NewAggregates(w.Election, cast, sums)}
	change(&a.Body)
	check(a.Sign(record.SignerAuthority, signer("authority")))
	w.put(record.AggregatesFile, a)
}

// scan adds up the stations whose folders are there.
func (w *World) scan() (map[string]uint32, map[string]*record.Sum) {
	cast, sums := map[string]uint32{}, map[string]*record.Sum{}
	for _, s := range w.Election.Manifest.Stations {
		if _, ok := w.Files[record.StationFile(s.ID, record.BallotsFile)]; !ok {
			continue
		}
		scan := record.SumBallots(w.Election, must(fs.Sub(w.FS(), record.StationFile(s.ID, ""))), s.ID)
		cast[s.ID], sums[s.ID] = uint32(scan.Count), scan.Sum
	}
	return cast, sums
}

// Aggregates reads what is to be decrypted.
func (w *World) Aggregates() *record.Aggregates {
	return &must(record.ParseSigned[record.Aggregates](w.Files[record.AggregatesFile])).Body
}

// AnswerWith lets a trustee answer, honestly but for what change does before it
// signs.
func (w *World) AnswerWith(i int, change func(*record.Decryption)) {
	a := w.Aggregates()
	d := &record.Signed[record.Decryption]{Body: record.Decryption{
		Election: w.Election.ID, Trustee: i, Aggregates: record.FileHash(w.Files[record.AggregatesFile]),
	}}
	for _, g := range a.Aggregates {
		d.Body.Answers = append(d.Body.Answers, w.partial(i, g))
	}
	change(&d.Body)
	check(d.Sign(record.SignerTrustee(i), w.trustees[i-1].SigningKey()))
	w.put(record.DecryptionFile(i), d)
}

// partial decrypts one aggregate with a trustee's share, and proves it.
func (w *World) partial(i int, a record.Aggregate) record.PartialAnswer {
	share := w.shares[i-1]
	answer := record.PartialAnswer{Aggregate: a.ID}
	for _, row := range a.Sums {
		var ms []group.Element
		for _, c := range row {
			ms = append(ms, threshold.PartialDecrypt(share, c))
		}
		answer.Partials = append(answer.Partials, ms)
	}
	bases, answers, err := record.Pair(a, answer)
	check(err)
	rand := stationtest.Random(fmt.Sprintf("corpus answer %d %s", i, a.ID))
	answer.Proof = must(group.ProveEquality(rand, record.DecryptionTag(w.Election.ID, i, a.ID), share, group.MulBase(share.Reveal()), bases, answers))
	return answer
}

// Answers reads the answers of these trustees.
func (w *World) Answers(trustees ...int) []*record.Decryption {
	var all []*record.Decryption
	for _, i := range trustees {
		all = append(all, &must(record.ParseSigned[record.Decryption](w.Files[record.DecryptionFile(i)])).Body)
	}
	return all
}

// Publish decides from the answers, and signs result and inventory.
func (w *World) Publish() { w.PublishWith(w.answering, func(*record.Result) {}) }

// PublishWith is Publish from the answers of these trustees, with a last word of
// the authority.
func (w *World) PublishWith(trustees []int, change func(*record.Result)) {
	w.SignResult(must(record.ComputeResult(w.Election, w.Aggregates(), w.Answers(trustees...))), change)
}

// SignResult signs result and inventory.
func (w *World) SignResult(result record.Result, change func(*record.Result)) {
	r := &record.Signed[record.Result]{Body: result}
	change(&r.Body)
	check(r.Sign(record.SignerAuthority, signer("authority")))
	w.put(record.ResultFile, r)
	w.Inventory(func(*record.Inventory) {})
}

// Inventory signs the list of the files that are there.
func (w *World) Inventory(change func(*record.Inventory)) {
	v := &record.Signed[record.Inventory]{Body: must(record.TakeInventory(w.Election, w.FS()))}
	change(&v.Body)
	check(v.Sign(record.SignerAuthority, signer("authority")))
	w.put(record.InventoryFile, v)
}
