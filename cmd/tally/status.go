package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/tally/office"
)

func statusCommand() *cobra.Command {
	var asJSON, stations bool
	c := &cobra.Command{
		Use:   "status --record FOLDER",
		Short: "what is imported, what is missing, what to do next",
		Long: `status says how far the count is, names every station whose bundle is missing, and
says what to do next. It checks nothing again. The exit status is 1 when the folder
has files that do not belong in a record.`,
		Example: "    tally status --record record",
	}
	counting(c, func(o *office.Office, v terminal.Voice, _ []string) error {
		s, err := o.Status()
		if err != nil {
			return err
		}
		if asJSON {
			if err := printJSON(c, s); err != nil {
				return err
			}
			return o.Strays()
		}
		v.Say("%s", title(o.Election().Manifest))
		v.Say("election:  %v", s.Election)
		if stations {
			for _, x := range s.Stations {
				v.Say("imported:  %s", counts(x.Station, x.Counts))
			}
		}
		v.Say("bundles:   %d of %d, with %s", len(s.Stations), len(s.Stations)+len(s.Missing), count(s.Ballots, "ballot"))
		for _, id := range s.Missing {
			v.Say("missing:   station %s (%s)", id, nameOf(o, id))
		}
		v.Say("request:   %s", requested(s))
		v.Say("answers:   %s", answered(s))
		v.Say("result:    %s", published(s))
		v.Say("next:      %s", next(s))
		return o.Strays()
	})
	c.Flags().BoolVar(&asJSON, "json", false, "print the state as JSON")
	c.Flags().BoolVar(&stations, "stations", false, "also print the counts of every imported station")
	return c
}

func requested(s *office.Status) string {
	if s.Requested == nil {
		return "not signed"
	}
	return s.Requested.String()
}

func answered(s *office.Status) string {
	if len(s.Answers) == 0 {
		return fmt.Sprintf("none of the %d needed", s.Threshold)
	}
	return fmt.Sprintf("%d of the %d needed, of %s", len(s.Answers), s.Threshold, trustees(s.Answers))
}

// trustees names them by number: "trustee 2", "trustees 1, 3".
func trustees(numbers []int) string {
	var words []string
	for _, n := range numbers {
		words = append(words, fmt.Sprint(n))
	}
	if len(words) == 1 {
		return "trustee " + words[0]
	}
	return "trustees " + strings.Join(words, ", ")
}

func published(s *office.Status) string {
	if s.Published {
		return "published"
	}
	return "not published"
}

// next says what to do.
func next(s *office.Status) string {
	switch {
	case s.Published:
		return "nothing: the record is complete; everybody: verify"
	case s.Requested == nil && len(s.Missing) > 0:
		return "tally import"
	case s.Requested == nil:
		return "tally aggregate"
	case len(s.Answers) < s.Threshold:
		return "tally request for each trustee, then tally accept"
	}
	return "tally publish"
}
