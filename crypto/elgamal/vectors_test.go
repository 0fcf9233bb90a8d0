package elgamal

import (
	"encoding/hex"
	"strconv"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/vectorstest"

	"github.com/openreferendum/referendum/crypto/group"
)

type vector = vectorstest.Vector

type values = map[string]string

func nonceOf(v vector) string {
	election, _ := hex.DecodeString(v.Input["election"])
	seed, err := ParseSeed(v.Input["seed"])
	if err != nil {
		return err.Error()
	}
	q, _ := strconv.Atoi(v.Input["question"])
	i, _ := strconv.Atoi(v.Input["option"])
	return hex.EncodeToString(seed.Nonce([32]byte(election), q, i).Reveal().Bytes())
}

func ciphertextOf(v vector) string {
	k, _ := hex.DecodeString(v.Input["key"])
	pk, err := ParsePublicKey(k)
	if err != nil {
		return err.Error()
	}
	r, _ := hex.DecodeString(v.Input["nonce"])
	nonce, err := group.ParseScalar(r)
	if err != nil {
		return err.Error()
	}
	bit, _ := strconv.Atoi(v.Input["selection"])
	return hex.EncodeToString(Encrypt(pk, bit, group.NewSecret(nonce)).AppendBytes(nil))
}

func sumOf(v vector) string {
	sum := Zero()
	for text := range strings.FieldsSeq(v.Input["ciphertexts"]) {
		var c Ciphertext
		if err := c.UnmarshalText([]byte(text)); err != nil {
			return err.Error()
		}
		sum = sum.Add(c)
	}
	return hex.EncodeToString(sum.AppendBytes(nil))
}

func makeElGamalVectors() []vector {
	var vs []vector
	election, seed := strings.Repeat("e1", 32), strings.Repeat("5e", 32)
	for _, v := range []struct{ reason, election, seed, question, option string }{
		{"the first nonce", election, seed, "1", "1"},
		{"another option", election, seed, "1", "2"},
		{"another question: question and option are not confused", election, seed, "2", "1"},
		{"another election", strings.Repeat("e2", 32), seed, "1", "1"},
		{"another seed", election, strings.Repeat("5f", 32), "1", "1"},
		{"the last question and option", election, seed, "64", "16"},
	} {
		n := vectorstest.New("3.2 nonce", v.reason, true, values{"election": v.election, "seed": v.seed, "question": v.question, "option": v.option}, nil)
		n.Output = values{"nonce": nonceOf(n)}
		vs = append(vs, n)
	}
	for _, v := range []struct{ reason, seed string }{
		{"upper case", strings.Repeat("5E", 32)}, {"31 bytes", strings.Repeat("5e", 31)}, {"33 bytes", strings.Repeat("5e", 33)},
		{"not hexadecimal", strings.Repeat("5g", 32)}, {"a space", " " + seed}, {"empty", ""},
	} {
		vs = append(vs, vectorstest.New("3.2 seed", v.reason, false, values{"seed": v.seed}, nil))
	}
	for _, v := range []struct{ reason, key string }{
		{"the identity is no key", strings.Repeat("00", 32)},
		{"not canonical", strings.Repeat("ff", 32)},
		{"31 bytes", strings.Repeat("00", 31)},
	} {
		vs = append(vs, vectorstest.New("3.1 public key", v.reason, false, values{"key": v.key}, nil))
	}
	key := group.MulBase(group.HashToScalar("referendum-v1-test", []byte("joint key"))).String()
	for _, v := range []struct{ reason, selection, nonce string }{
		{"not selected", "0", nonceOf(vs[0])},
		{"selected", "1", nonceOf(vs[0])},
		{"nonce 1: α is the generator", "1", "01" + strings.Repeat("00", 31)},
		{"nonce 0, which a ballot refuses", "1", strings.Repeat("00", 32)},
	} {
		n := vectorstest.New("3.3 encrypt", v.reason, true, values{"key": key, "selection": v.selection, "nonce": v.nonce}, nil)
		n.Output = values{"ciphertext": ciphertextOf(n)}
		vs = append(vs, n)
	}
	last := len(vs)
	for _, v := range []struct{ reason, ciphertexts string }{
		{"the sum of nothing", ""},
		{"1 + 0", vs[last-3].Output["ciphertext"] + " " + vs[last-4].Output["ciphertext"]},
		{"a ciphertext twice counts twice", vs[last-3].Output["ciphertext"] + " " + vs[last-3].Output["ciphertext"]},
	} {
		n := vectorstest.New("3.4 sum", v.reason, true, values{"ciphertexts": v.ciphertexts}, nil)
		n.Output = values{"ciphertext": sumOf(n)}
		vs = append(vs, n)
	}
	identity, generator := strings.Repeat("00", 32), group.Generator().String()
	for _, v := range []struct{ reason, ciphertext string }{
		{"α alone", generator}, {"three elements", generator + generator + generator},
		{"α not canonical", strings.Repeat("ff", 32) + generator}, {"β not canonical", generator + strings.Repeat("ff", 32)},
		{"upper case", strings.ToUpper(generator) + identity},
	} {
		vs = append(vs, vectorstest.New("3.4 ciphertext", v.reason, false, values{"ciphertext": v.ciphertext}, nil))
	}
	return vs
}

func TestVectors(t *testing.T) {
	for _, v := range vectorstest.Read(t, "elgamal.json", makeElGamalVectors()) {
		t.Run(v.Algorithm+"/"+v.Reason, func(t *testing.T) {
			switch v.Algorithm {
			case "3.1 public key":
				k, err := hex.DecodeString(v.Input["key"])
				if err != nil {
					t.Fatal(err)
				}
				if _, err := ParsePublicKey(k); err == nil {
					t.Error("accepted")
				}
			case "3.2 seed":
				if _, err := ParseSeed(v.Input["seed"]); err == nil {
					t.Error("accepted")
				}
			case "3.2 nonce":
				same(t, nonceOf(v), v.Output["nonce"])
			case "3.3 encrypt":
				same(t, ciphertextOf(v), v.Output["ciphertext"])
			case "3.4 sum":
				same(t, sumOf(v), v.Output["ciphertext"])
			case "3.4 ciphertext":
				var c Ciphertext
				if c.UnmarshalText([]byte(v.Input["ciphertext"])) == nil {
					t.Error("accepted")
				}
			default:
				t.Fatalf("no test for %q", v.Algorithm)
			}
		})
	}
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s instead of %s", got, want)
	}
}
