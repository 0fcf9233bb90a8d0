package office

import (
	"fmt"
	"io"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
	"github.com/openreferendum/referendum/tally"
)

// stage copies a bundle. The ballots' files have the sizes that follow from the
// signed closing statement, and not a byte more is read.
func (o *Office) stage(m *medium, c *record.Closing, closing []byte, to string) error {
	checkpoint, err := m.read(record.CheckpointFile, ballotlog.MaxCheckpoint)
	if err != nil {
		return refusal(c.Station, err)
	}
	files := map[string]durable.Source{
		record.ClosingFile:    durable.Content(closing),
		record.CheckpointFile: durable.Content(checkpoint),
	}
	var problems []error
	for name, size := range tally.Sizes(o.e, c) {
		f, got, err := m.open(name)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		defer f.Close()
		if got != size {
			problems = append(problems, fmt.Errorf("%s: %d bytes, by the closing statement it has %d", name, got, size))
		}
		files[name] = copyOf(f, c.Station, name, size)
	}
	if len(problems) > 0 {
		return refusal(c.Station, problems...)
	}
	return durable.WriteFolder(to, files, 0o644)
}

// copyOf copies exactly size bytes. What goes wrong with the medium is the
// bundle's fault, what goes wrong with our disk is not.
func copyOf(f io.Reader, station, name string, size int64) durable.Source {
	return func(w io.Writer) error {
		r := &reader{r: io.LimitReader(f, size)}
		n, err := io.Copy(w, r)
		if r.err != nil {
			return refusal(station, fmt.Errorf("reading %s: %w", name, r.err))
		}
		if err == nil && n != size {
			return refusal(station, fmt.Errorf("reading %s: it ended after %d of %d bytes", name, n, size))
		}
		return err
	}
}

// A reader remembers its error.
type reader struct {
	r   io.Reader
	err error
}

func (r *reader) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	if err != io.EOF {
		r.err = err
	}
	return n, err
}
