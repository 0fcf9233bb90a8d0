package adversary

import (
	"encoding/hex"
	"math/big"
	"strings"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/record"
)

// electionAttacks change manifest and joint key. Nothing after them can be
// asked, so nothing else fails.
func electionAttacks() []Attack {
	return []Attack{
		{
			"manifest-gone", County, "T01", carrier, "There is no manifest.",
			func(w *World) { delete(w.Files, record.ManifestFile) }, []string{"V01 manifest.json"},
		},
		{
			"manifest-second-spelling", County, "T01", carrier, "The manifest says the same with a space between two tokens.",
			func(w *World) { w.replaceOnce(record.ManifestFile, `"kind":`, `"kind": `) }, []string{"V01 manifest.json"},
		},
		{
			"manifest-unknown-field", County, "T01", authority, "The manifest has a field that the specification does not know.",
			func(w *World) { w.replaceOnce(record.ManifestFile, `"kind":`, `"mood":"calm","kind":`) }, []string{"V01 manifest.json"},
		},
		{
			"manifest-field-twice", County, "T01", authority, "The manifest has its kind twice, so that readers could take the one or the other.",
			func(w *World) { w.replaceOnce(record.ManifestFile, `"kind":`, `"kind":"rehearsal","kind":`) }, []string{"V01 manifest.json"},
		},
		{
			"quorum-and-trustees-swapped", County, "T03", authority, "The manifest wants the answers of 3 of 2 trustees instead of 2 of 3.",
			func(w *World) {
				m := *w.Election.Manifest
				m.Threshold, m.Trustees = len(m.Trustees), m.Trustees[:m.Threshold]
				w.put(record.ManifestFile, m)
			},
			[]string{"V01 manifest.json"},
		},
		{
			"quorum-of-less-than-half", County, "T03", authority, "The manifest says that one trustee of three is enough: two quorums could decrypt two different sums.",
			func(w *World) { w.replaceOnce(record.ManifestFile, `"threshold":2`, `"threshold":1`) },
			[]string{"V01 manifest.json"},
		},
		{
			"quorum-changed", County, "T03", authority, "After the ceremony the manifest says that three trustees are needed.",
			func(w *World) { w.replaceOnce(record.ManifestFile, `"threshold":2`, `"threshold":3`) },
			[]string{"V02 joint-key.json"},
		},
		{
			"privacy-of-one", County, "T11", authority, "The manifest lets a single ballot of a live vote be decrypted.",
			func(w *World) { w.replaceOnce(record.ManifestFile, `"privacyThreshold":3`, `"privacyThreshold":1`) },
			[]string{"V01 manifest.json"},
		},
		{
			"official-key-of-small-order", County, "T05", authority, "An official's key is the identity: anybody signs for it.",
			func(w *World) {
				w.replaceOnce(record.ManifestFile, Key(official(2, "a-1")).Public().String(), "01"+strings.Repeat("00", 31))
			},
			[]string{"V01 manifest.json"},
		},
		{
			"key-in-two-hands", County, "T05", authority, "The second official of station a-1 is the first of station a-2.",
			func(w *World) {
				w.replaceOnce(record.ManifestFile, Key(official(2, "a-1")).Public().String(), Key(official(1, "a-2")).Public().String())
			},
			[]string{"V01 manifest.json"},
		},
		{
			"authority-is-a-station", County, "T05", authority, "Station b-1's key is the authority's: who publishes the result also closes the station.",
			func(w *World) {
				w.replaceOnce(record.ManifestFile, Key("station b-1").Public().String(), Key("authority").Public().String())
			},
			[]string{"V01 manifest.json"},
		},
		{
			"rule-changed", County, "T01", authority, "After the ceremony the manifest says that more registered voters are needed.",
			func(w *World) { w.replaceOnce(record.ManifestFile, `"coefficient":"4"`, `"coefficient":"3"`) },
			[]string{"V02 joint-key.json"},
		},
		{
			"joint-key-identity", County, "T03", everybody, "The joint key is the identity: every ballot would be readable.",
			func(w *World) { w.jointKey(func(j *record.JointKey) { j.Key = group.Identity() }) },
			[]string{"V02 joint-key.json"},
		},
		{
			"public-share-identity", County, "T03", everybody, "Trustee 2's public share is the identity: its answers would prove nothing.",
			func(w *World) { w.jointKey(func(j *record.JointKey) { j.PublicShares[1] = group.Identity() }) },
			[]string{"V02 joint-key.json"},
		},
		{
			"joint-key-not-canonical", County, "T03", everybody, "The joint key is written as s + p, which stands for the same element and is not its encoding.",
			func(w *World) {
				key := w.Election.Key.Element().String()
				w.replaceOnce(record.JointKeyFile, key, plusPrime(key))
			},
			[]string{"V02 joint-key.json"},
		},
		{
			"public-shares-missing", County, "T03", everybody, "There are two public shares of three trustees.",
			func(w *World) { w.jointKey(func(j *record.JointKey) { j.PublicShares = j.PublicShares[:2] }) },
			[]string{"V02 joint-key.json"},
		},
		{
			"manifest-of-rehearsal", County, "T01", carrier, "The manifest is the rehearsal's, all else the live vote's.",
			func(w *World) { w.replaceOnce(record.ManifestFile, `"kind":"live"`, `"kind":"rehearsal"`) },
			[]string{"V02 joint-key.json"},
		},
	}
}

func (w *World) jointKey(change func(*record.JointKey)) {
	j := *w.Election.JointKey
	j.PublicShares = append([]group.Element(nil), j.PublicShares...)
	change(&j)
	w.put(record.JointKeyFile, j)
}

// plusPrime adds 2^255 − 19 to an encoded field element.
func plusPrime(text string) string {
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	return addTo(text, p)
}

// plusOrder adds ℓ to an encoded scalar.
func plusOrder(b []byte) []byte {
	l, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	return must(hex.DecodeString(addTo(hex.EncodeToString(b), l)))
}

func addTo(text string, n *big.Int) string {
	b := must(hex.DecodeString(text))
	reverse(b)
	b = n.Add(n, new(big.Int).SetBytes(b)).FillBytes(make([]byte, len(b)))
	reverse(b)
	return strings.ToLower(hex.EncodeToString(b))
}

func reverse(b []byte) {
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
}
