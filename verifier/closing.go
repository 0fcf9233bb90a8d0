package verifier

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
)

// checkpoint makes V13, V14 and V16. Without a closing statement it compares
// with the checkpoint alone.
func (p *stationPass) checkpoint(where string, dir fs.FS, s record.Station, c *record.Closing, scan *record.Scan) {
	t := p.v.t
	note, err := record.ReadFile(dir, record.CheckpointFile, ballotlog.MaxCheckpoint)
	var checkpoint ballotlog.Checkpoint
	if err == nil {
		checkpoint, err = ballotlog.Open(note, s.Key[:], p.v.e.ID, s.ID)
	}
	if err != nil {
		t.see("V13", where, err)
		t.skip("V14", "V16")
		return
	}
	if c != nil {
		err = record.CheckAgreement(*c, checkpoint)
	}
	t.see("V13", where, err)
	var size, root error
	if scan.Count != checkpoint.Size {
		size = fmt.Errorf("%d ballots, the checkpoint says %d", scan.Count, checkpoint.Size)
	}
	t.see("V14", where, size)
	if scan.Root != record.Hash(checkpoint.Root) {
		root = errors.New("the ballots are not those the checkpoint was signed for")
	}
	t.see("V16", where, root)
}

// challenged makes V20 to V22.
func (p *stationPass) challenged(where string, dir fs.FS, s record.Station, c record.Closing, scan *record.Scan) {
	t := p.v.t
	c.Station = s.ID // V11 has said so if it is another's
	all, err := p.readChallenged(dir, c)
	if !t.see("V20", where, err) {
		t.skip("V21", "V22")
		return
	}
	t.count("V21", 0)
	places := map[record.Hash]string{}
	for i, b := range all {
		at := challengedAt(where, i+1)
		t.see("V21", at, record.CheckChallenged(p.v.e, s.ID, b))
		places[b.Code] = at
	}
	p.keepChallenged(s.ID, all)
	t.count("V22", int64(len(all)))
	for _, code := range scan.AlsoCast(all) {
		t.fail("V22", places[code], "is among the cast ballots")
	}
}

func challengedAt(where string, i int) string {
	return fmt.Sprintf("%s, challenged ballot %d", where, i)
}

func (p *stationPass) readChallenged(dir fs.FS, c record.Closing) ([]*record.ChallengedBallot, error) {
	info, err := fs.Stat(dir, record.ChallengedFile)
	if err == nil && info.Size() > record.MaxDocument {
		return nil, errTooLarge
	}
	return record.ReadChallenged(p.v.e, dir, c)
}
