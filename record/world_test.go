package record_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing/fstest"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/crypto/threshold"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
	"github.com/openreferendum/referendum/record/rules"
)

// A world is a small referendum with all its keys: two counties, four stations,
// two of three trustees. It follows from fixed seeds; tests do not change it.
type world struct {
	manifest, jointKey []byte
	election           *record.Election
	ceremony           *record.Ceremony
	shares             []group.Secret
	folders            map[string]fstest.MapFS
	cast               map[string]uint32
	sums               map[string]*record.Sum
}

var theWorld = sync.OnceValue(func() *world { return newWorldOf(newManifest()) })

// votes are the ballots of each station: what was chosen in question 1 (agree,
// disagree, blank) and 2 (yes, no); 0 is a paper that was not taken.
var votes = map[string][][]int{
	"a-1": {{1, 1}, {1, 2}, {2, 0}},
	"a-2": {{3, 1}},
	"b-1": {{1, 1}, {2, 2}, {1, 0}, {0, 0}},
	"b-2": {},
}

// tests are the challenged ballots of each station.
var tests = map[string][][]int{"a-1": {{2, 2}, {0, 1}}, "b-1": {{1, 1}}}

func newWorldOf(m *record.Manifest) *world {
	w := electionOf(m)
	for _, s := range w.election.Manifest.Stations {
		w.folders[s.ID] = w.folder(s.ID)
		scan := record.SumBallots(w.election, w.folders[s.ID], s.ID)
		w.cast[s.ID], w.sums[s.ID] = uint32(scan.Count), scan.Sum
	}
	return w
}

// electionOf is a world without stations' folders.
func electionOf(m *record.Manifest) *world {
	w := &world{folders: map[string]fstest.MapFS{}, cast: map[string]uint32{}, sums: map[string]*record.Sum{}}
	w.manifest = must(record.Marshal(m))
	w.holdCeremony()
	w.jointKey = must(record.Marshal(must(w.ceremony.JointKeyOf(record.ManifestHash(w.manifest)))))
	w.election = must(record.NewElection(w.manifest, w.jointKey))
	return w
}

func newManifest() *record.Manifest {
	m := &record.Manifest{
		Version: record.Version, Kind: record.Rehearsal, Title: text("A test"), Languages: []string{"en"},
		Opens: "2021-12-18T00:00:00Z", Closes: "2021-12-18T08:00:00Z", PrivacyThreshold: 3, Threshold: 2,
		Authority: public(signingKey("authority")), CardAuthorities: []record.Hash{sha256.Sum256([]byte("card authority"))},
		Questions: []record.Question{
			question("q1", rules.Article29("agree", "disagree"), "agree", "disagree", "blank"),
			question("q2", rules.SimpleMajority("yes", "no"), "yes", "no"),
		},
		Districts: []record.District{
			{ID: "nation", Name: text("Nation")}, {ID: "a", Name: text("County A"), Parent: "nation"}, {ID: "b", Name: text("County B"), Parent: "nation"},
		},
		Stations: []record.Station{station("a-1", "a", 5), station("a-2", "a", 5), station("b-1", "b", 5), station("b-2", "b", 5)},
	}
	m.Questions[0].Options[2].Kind = record.BlankOption
	for i := range 3 {
		m.Trustees = append(m.Trustees, record.Trustee{
			Name: fmt.Sprint("Trustee ", i+1), SigningKey: public(trusteeKey(i + 1)), EncryptionKey: encryptionKey(fmt.Sprint("hpke ", i)),
		})
	}
	return m
}

func question(id string, r rules.Rule, options ...string) record.Question {
	q := record.Question{ID: id, Title: text("Title of " + id), Text: text("Text of " + id), Proposer: text("Proposer"), Rule: r}
	for _, o := range options {
		q.Options = append(q.Options, record.Option{ID: o, Label: text(o), Kind: record.ValidOption})
	}
	return q
}

func station(id, district string, registered uint32) record.Station {
	s := record.Station{ID: id, Name: text("Station " + id), District: district, Registered: registered, Key: public(signingKey("station " + id))}
	for i := range 3 {
		s.Officials = append(s.Officials, public(officialKey(id, i+1)))
	}
	return s
}

func (w *world) holdCeremony() {
	manifest := record.ManifestHash(w.manifest)
	m := must(record.ParseManifest(w.manifest))
	n, rand := len(m.Trustees), stream("ceremony")
	w.ceremony = new(record.Ceremony)
	var polynomials []threshold.SecretPolynomial
	for i := 1; i <= n; i++ {
		var cs []group.Secret
		for range m.Threshold {
			cs = append(cs, group.NewSecret(must(group.RandomScalar(rand))))
		}
		p := threshold.PolynomialFromCoefficients(cs)
		polynomials = append(polynomials, p)
		r := record.Reveal{Manifest: manifest, Trustee: i, Commitments: p.Commitments()}
		for k, c := range p.Coefficients() {
			r.Proofs = append(r.Proofs, must(proof.ProveKnowledge(rand, record.KnowledgeContext(manifest, i, k), c)))
		}
		for range n {
			r.Shares = append(r.Shares, make(record.Bytes, record.SealedShareSize))
		}
		e := record.Enrolment(m.Trustees[i-1])
		c := record.Commitment{Manifest: manifest, Trustee: i, Digest: record.CommitmentDigest(manifest, i, r.Commitments)}
		key := trusteeKey(i)
		w.ceremony.Enrolments = append(w.ceremony.Enrolments, *sign(e, as(record.SignerEnrolment, key)))
		w.ceremony.Commitments = append(w.ceremony.Commitments, *sign(c, as(record.SignerTrustee(i), key)))
		w.ceremony.Reveals = append(w.ceremony.Reveals, *sign(r, as(record.SignerTrustee(i), key)))
	}
	j := must(w.ceremony.JointKeyOf(manifest))
	for i := 1; i <= n; i++ {
		c := record.Confirmation{Manifest: manifest, Trustee: i, Transcript: j.Transcript, Key: j.Key}
		w.ceremony.Confirmations = append(w.ceremony.Confirmations, *sign(c, as(record.SignerTrustee(i), trusteeKey(i))))
		var parts []group.Secret
		for _, p := range polynomials {
			parts = append(parts, p.Share(i))
		}
		w.shares = append(w.shares, threshold.AddShares(parts))
	}
}

// folder makes the four files of a station.
func (w *world) folder(id string) fstest.MapFS {
	ballots := w.ballots(id, "cast", votes[id])
	var opened [][]byte
	for _, b := range w.ballots(id, "challenged", tests[id]) {
		c := record.ChallengedBallot{Ballot: b.raw, Seed: b.seed, Selections: b.chosen}
		opened = append(opened, c.Encode())
	}
	challenged := bytes.Join(opened, nil)
	var file []byte
	var codes [][32]byte
	for _, b := range ballots {
		file, codes = append(file, b.raw...), append(codes, b.code)
	}
	root := must(ballotlog.RootOf(codes))
	c := w.closing(id, len(ballots), len(opened), root, challenged)
	note := must(ballotlog.Sign(ballotlog.Checkpoint{Election: w.election.ID, Station: id, Size: int64(len(ballots)), Root: root}, signingKey("station "+id)))
	return fstest.MapFS{
		record.BallotsFile: {Data: file}, record.ChallengedFile: {Data: challenged},
		record.CheckpointFile: {Data: note}, record.ClosingFile: {Data: must(record.Marshal(c))},
	}
}

func (w *world) closing(id string, cast, challenged int, root record.Hash, file []byte) *record.Signed[record.Closing] {
	s, _ := w.election.Station(id)
	n, t := uint32(cast), uint32(challenged)
	return signClosing(record.Closing{
		Election: w.election.ID, Station: id, BallotsRoot: root, Challenged: record.ChallengedDigest(file),
		Counts: record.Counts{Registered: s.Registered, Attendances: n, Sessions: n + 1, Cast: n, Challenged: t, Abandoned: 1, SlipsPrinted: n + t, SlipsVoided: t},
	})
}

func signClosing(c record.Closing) *record.Signed[record.Closing] {
	return sign(c, as(record.SignerStation(c.Station), signingKey("station "+c.Station)),
		as(record.SignerOfficial(1), officialKey(c.Station, 1)), as(record.SignerOfficial(3), officialKey(c.Station, 3)))
}

// made is a ballot with what opens it.
type made struct {
	raw    []byte
	code   record.Hash
	seed   [elgamal.SeedSize]byte
	chosen []int
}

// ballots makes ballots and sorts them by code.
func (w *world) ballots(id, what string, chosen [][]int) []made {
	ctx := w.election.Context(id)
	var all []made
	for i, c := range chosen {
		rand := stream(fmt.Sprint(what, id, i))
		seed := must(elgamal.GenerateSeed(rand))
		c = append(slices.Clone(c), make([]int, len(ctx.Shape)-len(c))...)
		b := must(proof.Make(rand, ctx, must(proof.NewSelections(ctx.Shape, c)), seed))
		all = append(all, made{b.Bytes(), record.ConfirmationCode(w.election.ID, id, b.Bytes()), seed.Export(), c})
	}
	slices.SortFunc(all, func(a, b made) int { return bytes.Compare(a.code[:], b.code[:]) })
	return all
}

// aggregates returns the request, signed, and its file.
func (w *world) aggregates() (*record.Signed[record.Aggregates], []byte) {
	a := signAggregates(record.NewAggregates(w.election, w.cast, w.sums))
	return a, must(record.Marshal(a))
}

func signAggregates(a record.Aggregates) *record.Signed[record.Aggregates] {
	return sign(a, as(record.SignerAuthority, signingKey("authority")))
}

// answer returns trustee i's decryption of a request.
func (w *world) answer(i int, a *record.Aggregates, file []byte) *record.Signed[record.Decryption] {
	d := record.Decryption{Election: w.election.ID, Trustee: i, Aggregates: record.FileHash(file)}
	for _, g := range a.Aggregates {
		d.Answers = append(d.Answers, w.partial(i, g))
	}
	return signDecryption(i, d)
}

func signDecryption(i int, d record.Decryption) *record.Signed[record.Decryption] {
	return sign(d, as(record.SignerTrustee(i), trusteeKey(i)))
}

func (w *world) partial(i int, g record.Aggregate) record.PartialAnswer {
	share := w.shares[i-1]
	p := record.PartialAnswer{Aggregate: g.ID}
	for _, row := range g.Sums {
		var ms []group.Element
		for _, c := range row {
			ms = append(ms, threshold.PartialDecrypt(share, c))
		}
		p.Partials = append(p.Partials, ms)
	}
	bases, answers, err := record.Pair(g, p)
	if err != nil {
		panic(err)
	}
	tag := record.DecryptionTag(w.election.ID, i, g.ID)
	p.Proof = must(group.ProveEquality(stream(tag), tag, share, w.election.JointKey.PublicShares[i-1], bases, answers))
	return p
}

// result returns what trustees 1 and 3 give.
func (w *world) result() (*record.Signed[record.Result], *record.Signed[record.Aggregates], map[int]*record.Decryption) {
	a, file := w.aggregates()
	one, three := w.answer(1, &a.Body, file), w.answer(3, &a.Body, file)
	r := must(record.ComputeResult(w.election, &a.Body, []*record.Decryption{&three.Body, &one.Body}))
	return signResult(r), a, map[int]*record.Decryption{1: &one.Body, 3: &three.Body}
}

func signResult(r record.Result) *record.Signed[record.Result] {
	return sign(r, as(record.SignerAuthority, signingKey("authority")))
}

// copied returns an independent copy of a document's body.
func copied[T any](v T) T {
	var again T
	if err := json.Unmarshal(must(record.Marshal(v)), &again); err != nil {
		panic(err)
	}
	return again
}

// sign signs a body in the given order.
func sign[T record.Body](b T, by ...signature) *record.Signed[T] {
	s := &record.Signed[T]{Body: b}
	for _, g := range by {
		if err := s.Sign(g.signer, g.key); err != nil {
			panic(err)
		}
	}
	return s
}

type signature struct {
	signer string
	key    ed25519.PrivateKey
}

func as(signer string, key ed25519.PrivateKey) signature { return signature{signer, key} }

func signingKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("record test " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// encryptionKey is a number below 2^255, which is a key of X25519.
func encryptionKey(name string) record.Hash {
	k := record.Hash(sha256.Sum256([]byte(name)))
	k[31] &= 0x7f
	return k
}

func trusteeKey(i int) ed25519.PrivateKey { return signingKey(fmt.Sprint("trustee ", i)) }

func officialKey(station string, i int) ed25519.PrivateKey {
	return signingKey(fmt.Sprint("official ", station, i))
}

func public(k ed25519.PrivateKey) record.Key { return record.Key(k.Public().(ed25519.PublicKey)) }

func text(s string) record.Text { return record.Text{"en": s} }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func ok(err error) {
	if err != nil {
		panic(err)
	}
}

// stream is a source of bytes that follows from its seed.
func stream(seed string) io.Reader { return &generator{seed: seed} }

type generator struct {
	seed string
	n    uint64
	rest []byte
}

func (g *generator) Read(b []byte) (int, error) {
	for i := range b {
		if len(g.rest) == 0 {
			h := sha512.Sum512(binary.BigEndian.AppendUint64([]byte(g.seed), g.n))
			g.rest, g.n = h[:], g.n+1
		}
		b[i], g.rest = g.rest[0], g.rest[1:]
	}
	return len(b), nil
}
