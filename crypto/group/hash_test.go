package group

import (
	"crypto/sha512"
	"encoding/hex"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// expandByHand is expand_message_xmd of RFC 9380, Section 5.3.1, with SHA-512:
// the specification written down once more, on the standard library alone.
func expandByHand(dst string, msg []byte, n int) []byte {
	if len(dst) > 255 {
		long := sha512.Sum512([]byte("H2C-OVERSIZE-DST-" + dst))
		dst = string(long[:])
	}
	prime := dst + string([]byte{byte(len(dst))})
	b0 := sha512.Sum512([]byte(strings.Repeat("\x00", 128) + string(msg) + string([]byte{byte(n >> 8), byte(n), 0}) + prime))
	b := sha512.Sum512([]byte(string(b0[:]) + "\x01" + prime))
	out := slices.Clone(b[:])
	for i := byte(2); len(out) < n; i++ {
		for k := range b {
			b[k] ^= b0[k]
		}
		b = sha512.Sum512([]byte(string(b[:]) + string([]byte{i}) + prime))
		out = append(out, b[:]...)
	}
	return out[:n]
}

// hashToScalarByHand is HashToScalar of RFC 9497, Section 4.1.
func hashToScalarByHand(dst string, msg []byte) Scalar {
	wide := expandByHand(dst, msg, 64)
	slices.Reverse(wide) // little endian
	return scalarFrom(new(big.Int).SetBytes(wide))
}

// The vectors of RFC 9380, Appendix K.3 show that expandByHand is right; that
// HashToScalar agrees with it is shown by TestVectors and FuzzHashToScalar.
func TestExpandMessageOfRFC9380(t *testing.T) {
	const dst = "QUUX-V01-CS02-with-expander-SHA512-256"
	for _, v := range []struct{ msg, want string }{
		{"", "6b9a7312411d92f921c6f68ca0b6380730a1a4d982c507211a90964c394179ba"},
		{"abc", "0da749f12fbe5483eb066a5f595055679b976e93abe9be6f0f6318bce7aca8dc"},
		{"abcdef0123456789", "087e45a86e2939ee8b91100af1583c4938e0f5fc6c9db4b107b83346bc967f58"},
		{"q128_" + strings.Repeat("q", 128), "7336234ee9983902440f6bc35b348352013becd88938d2afec44311caf8356b3"},
		{"a512_" + strings.Repeat("a", 512), "57b5f7e766d5be68a6bfe1768e3c2b7f1228b3e4b3134956dd73a59b954c66f4"},
		{"", "41b037d1734a5f8df225dd8c7de38f851efdb45c372887be655212d07251b921b052b62eaed99b46f72f2ef4cc96bfaf254ebbbec091e1a3b9e4fb5e5b619d2e0c5414800a1d882b62bb5cd1778f098b8eb6cb399d5d9d18f5d5842cf5d13d7eb00a7cff859b605da678b318bd0e65ebff70bec88c753b159a805d2c89c55961"},
	} {
		if got := hex.EncodeToString(expandByHand(dst, []byte(v.msg), len(v.want)/2)); got != v.want {
			t.Errorf("expanding %.10q: %s instead of %s", v.msg, got, v.want)
		}
	}
}

// RFC 9497, Appendix A.1.2: DeriveKeyPair of its vectors is HashToScalar of
// seed ‖ I2OSP(len(info), 2) ‖ info ‖ 0, with the tag "DeriveKeyPair" ‖ context.
func TestHashToScalarOfRFC9497(t *testing.T) {
	for _, v := range []struct{ context, secret, public string }{
		{"OPRFV1-\x01-ristretto255-SHA512", "e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909", "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e"},
		{"OPRFV1-\x02-ristretto255-SHA512", "145c79c108538421ac164ecbe131942136d5570b16d8bf41a24d4337da981e07", "c647bef38497bc6ec077c22af65b696efa43bff3b4a1975a3e8e0a1c5a79d631"},
	} {
		msg := strings.Repeat("\xa3", 32) + "\x00\x08test key\x00"
		got := HashToScalar("DeriveKeyPair"+v.context, []byte(msg))
		if hex.EncodeToString(got.Bytes()) != v.secret || MulBase(got).String() != v.public {
			t.Errorf("%q: secret %x, public %v", v.context, got.Bytes(), MulBase(got))
		}
	}
}

func FuzzHashToScalar(f *testing.F) {
	f.Add("referendum-v1-nonce", []byte{})
	f.Add(strings.Repeat("d", 256), []byte("message"))
	f.Fuzz(func(t *testing.T, dst string, msg []byte) {
		if got, want := HashToScalar(dst, msg), hashToScalarByHand(dst, msg); !got.Equal(want) {
			t.Errorf("%x instead of %x", got.Bytes(), want.Bytes())
		}
	})
}
