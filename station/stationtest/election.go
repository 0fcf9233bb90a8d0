package stationtest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/rules"
)

// Station is the id of the one station of a test election.
const Station = "09007-010-0001-0001"

// A World is a small election with one station, and all its keys.
type World struct {
	Election  *record.Election
	Roll      *record.Signed[record.Roll]
	Key       ed25519.PrivateKey   // the station's
	Officials []ed25519.PrivateKey // three
	Authority *Authority           // of the cards
	Cards     []*Card              // one for each voter on the roll
}

// NewWorld makes an election of two questions, of the given kind, with a number of
// voters on the station's roll. Equal arguments give equal worlds.
func NewWorld(kind string, voters int) *World { return NewWorldOf(kind, voters, 2) }

// NewWorldOf is NewWorld for a number of questions.
func NewWorldOf(kind string, voters, questions int) *World {
	w := &World{Key: signingKey("station"), Authority: NewAuthority("Test eID Authority")}
	for i := range 3 {
		w.Officials = append(w.Officials, signingKey(fmt.Sprint("official ", i)))
	}
	w.Election = w.election(kind, uint32(voters), questions)
	roll := record.Roll{Election: w.Election.ID, Station: Station, Voters: []record.Voter{}}
	for i := range voters {
		holder := HolderOf(i)
		w.Cards = append(w.Cards, w.Authority.Issue(holder, nil))
		roll.Voters = append(roll.Voters, record.VoterOf(w.Election.ID, holder))
	}
	slices.SortFunc(roll.Voters, func(a, b record.Voter) int { return bytes.Compare(a[:], b[:]) })
	w.Roll = w.SignRoll(roll)
	return w
}

// HolderOf is the identifier on the card of the i-th voter.
func HolderOf(i int) string { return fmt.Sprintf("A%09d", 100000000+i) }

// SignRoll signs a roll with the election authority's key.
func (w *World) SignRoll(r record.Roll) *record.Signed[record.Roll] {
	s := &record.Signed[record.Roll]{Body: r}
	if err := s.Sign(record.SignerAuthority, signingKey("election authority")); err != nil {
		panic("stationtest: internal error: " + err.Error())
	}
	return s
}

func signingKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("signing key " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// sealingKey is a number below 2^255, which is a key of X25519.
func sealingKey(name string) record.Hash {
	k := record.Hash(sha256.Sum256([]byte(name)))
	k[31] &= 0x7f
	return k
}

func public(k ed25519.PrivateKey) record.Key { return record.Key(k.Public().(ed25519.PublicKey)) }

func both(zh, en string) record.Text { return record.Text{"zh-Hant": zh, "en": en} }

func (w *World) election(kind string, registered uint32, questions int) *record.Election {
	m := &record.Manifest{
		Version: record.Version, Kind: kind, Title: both("測試公投", "A test referendum"), Languages: []string{"zh-Hant", "en"},
		Opens: "2021-12-18T00:00:00Z", Closes: "2021-12-18T08:00:00Z", PrivacyThreshold: 2, Threshold: 1,
		Trustees:        []record.Trustee{{Name: "Trustee 1", SigningKey: public(signingKey("trustee")), EncryptionKey: sealingKey("trustee")}},
		Authority:       public(signingKey("election authority")),
		CardAuthorities: []record.Hash{w.Authority.Hash()},
		Districts:       []record.District{{ID: "nation", Name: both("全國", "The nation")}},
		Stations: []record.Station{{
			ID: Station, Name: both("第一投票所", "Station 1"), District: "nation", Registered: registered, Key: public(w.Key),
		}},
	}
	for i := range questions {
		m.Questions = append(m.Questions, question(fmt.Sprint("q", i+1)))
	}
	for _, k := range w.Officials {
		m.Stations[0].Officials = append(m.Stations[0].Officials, public(k))
	}
	manifest := must(record.Marshal(m))
	key := group.MulBase(secretKey())
	joint := must(record.Marshal(record.JointKey{
		Version: record.Version, Manifest: record.ManifestHash(manifest), Key: key, PublicShares: []group.Element{key},
	}))
	return must(record.NewElection(manifest, joint))
}

func question(id string) record.Question {
	return record.Question{
		ID: id, Title: both("第"+id+"案", "Question "+id), Text: both("主文", "Text"), Proposer: both("領銜人", "Proposer"),
		Options: []record.Option{
			{ID: "agree", Label: both("同意", "agree"), Kind: record.ValidOption},
			{ID: "disagree", Label: both("不同意", "disagree"), Kind: record.ValidOption},
			{ID: "blank", Label: both("空白", "left blank"), Kind: record.BlankOption},
		},
		Rule: rules.Article29("agree", "disagree"),
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic("stationtest: internal error: " + err.Error())
	}
	return v
}

// Random is a stream of bytes that follows from a seed. It serves tests only.
func Random(seed string) io.Reader { return &stream{seed: seed} }

type stream struct {
	seed string
	n    uint64
	rest []byte
}

func (s *stream) Read(b []byte) (int, error) {
	for i := range b {
		if len(s.rest) == 0 {
			h := sha512.Sum512(binary.BigEndian.AppendUint64([]byte(s.seed), s.n))
			s.rest, s.n = h[:], s.n+1
		}
		b[i], s.rest = s.rest[0], s.rest[1:]
	}
	return len(b), nil
}
