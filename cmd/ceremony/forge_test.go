package main

import (
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/openreferendum/referendum/ceremonies/ceremonytest"
	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/record"
)

// forge does what no honest program does, with a trustee's real keys:
//
//	forge shares EXCHANGE PRIVATE A B      swap the sealed shares of A and B in the trustee's reveal
//	forge commitment EXCHANGE PRIVATE      sign a second, other commitment
//	forge complaint EXCHANGE PRIVATE OF    complain about a right share
//
// and what lies between ceremony and decryption:
//
//	forge polls EXCHANGE RECORD            people vote at both stations; the tally asks
//	forge request RECORD WITHOUT           the tally asks again, without a station
//	forge authority NAME                   a card authority's NAME.der and NAME.crl, and draft.json names it
func forge(args []string) error {
	switch args[0] {
	case "authority":
		return forgeAuthority(args[1])
	case "polls":
		return forgePolls(args[1], args[2])
	case "request":
		return forgeRequest(args[1], args[2])
	}
	passphrase, err := phrase()
	if err != nil {
		return err
	}
	exchange := keygen.Folder(args[1])
	secret, err := keygen.Trustee{Dir: args[2]}.Open(passphrase)
	if err != nil {
		return err
	}
	manifest, err := exchange.Manifest()
	if err != nil {
		return err
	}
	seat, err := secret.Sit(manifest)
	if err != nil {
		return err
	}
	i, signer := seat.Number(), record.SignerTrustee(seat.Number())
	switch args[0] {
	case "shares":
		r, err := record.ReadSigned[record.Reveal](exchange.FS(), record.RevealFile(i))
		if err != nil {
			return err
		}
		a, b := number1(args[3]), number1(args[4])
		r.Body.Shares[a-1], r.Body.Shares[b-1] = r.Body.Shares[b-1], r.Body.Shares[a-1]
		r.Signatures = nil
		own := keygen.Trustee{Dir: args[2]}.Archive(record.ManifestHash(manifest))
		return errors.Join(r.Sign(signer, seat.Key()), overwrite(exchange, record.RevealFile(i), r), overwrite(own, record.RevealFile(i), r))
	case "commitment":
		c := &record.Signed[record.Commitment]{Body: record.Commitment{Manifest: record.ManifestHash(manifest), Trustee: i}}
		return errors.Join(c.Sign(signer, seat.Key()), overwrite(exchange, record.CommitmentFile(i), c))
	case "complaint":
		of := number1(args[3])
		x := &record.Signed[record.Complaint]{Body: record.Complaint{Manifest: record.ManifestHash(manifest), Trustee: i, Against: of}}
		return errors.Join(x.Sign(signer, seat.Key()), overwrite(exchange, keygen.ComplaintFile(i, of), x))
	}
	return fmt.Errorf("no forgery %q", args[0])
}

func number1(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

func overwrite(f keygen.Folder, name string, v any) error {
	b, err := record.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(string(f), name), b, 0o600)
}

// keysHere opens the private keys that prepare has made.
func keysHere() (ceremonytest.Keys, error) {
	k := ceremonytest.Keys{Stations: map[string]ed25519.PrivateKey{}, Officials: map[string][]ed25519.PrivateKey{}}
	passphrase, err := phrase()
	if err != nil {
		return k, err
	}
	open := func(path string) ed25519.PrivateKey {
		key, openErr := provisioning.ReadKey(path, passphrase)
		if openErr != nil {
			err = openErr
			return nil
		}
		return key.Signer()
	}
	k.Authority = open("authority.age")
	for _, s := range []string{"a-1", "a-2"} {
		k.Stations[s] = open("station-" + s + ".age")
		k.Officials[s] = []ed25519.PrivateKey{open("Lee-" + s + ".age"), open("Roy-" + s + ".age")}
	}
	return k, err
}

func forgePolls(exchange, to string) error {
	k, err := keysHere()
	if err != nil {
		return err
	}
	ceremony, err := readFiles(exchange)
	if err != nil {
		return err
	}
	files, err := ceremonytest.Day(ceremony, k, map[string][][]int{"a-1": {{1}, {1}, {2}, {0}}, "a-2": {{1}, {2}, {3}}})
	if err != nil {
		return err
	}
	return writeFiles(to, files)
}

func forgeAuthority(name string) error {
	key, day := ceremonytest.SigningKey(name), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: day, NotAfter: day.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: []byte{1},
	}
	der, err := x509.CreateCertificate(nil, t, t, key.Public(), key)
	if err != nil {
		return err
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return err
	}
	crl, err := x509.CreateRevocationList(nil, &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: day, NextUpdate: day.AddDate(0, 1, 0)}, c, key)
	if err != nil {
		return err
	}
	d, err := os.ReadFile("draft.json")
	named := strings.Replace(string(d), `"cardAuthorities": []`, fmt.Sprintf(`"cardAuthorities": ["%v"]`, record.FileHash(der)), 1)
	return errors.Join(err, os.WriteFile(name+".der", der, 0o600), os.WriteFile(name+".crl", crl, 0o600), os.WriteFile("draft.json", []byte(named), 0o600))
}

func forgeRequest(dir, without string) error {
	k, err := keysHere()
	if err != nil {
		return err
	}
	files, err := readFiles(dir)
	if err != nil {
		return err
	}
	maps.DeleteFunc(files, func(name string, _ []byte) bool { return strings.HasPrefix(name, "stations/"+without+"/") })
	if err := k.Request(files); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(dir), writeFiles(dir, files))
}

func readFiles(dir string) (ceremonytest.Files, error) {
	files := ceremonytest.Files{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[name], err = os.ReadFile(filepath.Join(dir, name))
		return err
	})
	return files, err
}

func writeFiles(dir string, files ceremonytest.Files) error {
	for name, b := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, b, 0o644)); err != nil {
			return err
		}
	}
	return nil
}
