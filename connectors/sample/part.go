package sample

// Name is what the brand of the story is called.
const Name = "Atelier Lisière"

// Part is a community that a brand would make of some of the story's places.
type Part struct {
	Name   string
	Places []Place
}

// Parts are the communities of the story, the main one first. The workspace
// stands apart: it is of the ambassadors only, and its exports do not tell who
// comes and goes, which would leave the main community's newcomers unmeasured.
func (s *Story) Parts() []Part {
	return []Part{
		{s.Name, []Place{Server, Group}},
		{"Ambassadrices", []Place{Workspace}},
	}
}

// TeamDomains are of the e-mail addresses of the brand's team and of its agency's.
func (s *Story) TeamDomains() []string { return []string{s.TeamDomain, agencyDomain} }
