package community

import "strings"

// The phrases of IsQuestion, folded as its text is: lower case, no accents, où
// written oU. A line "how: do does" stands for "how do" and "how does"; a line
// without a colon for itself.

// stock are whole sentences that bear a mark and ask nothing.
var stock = phrases(`
lol
mdr
ptdr
xd
gg
ok
okay
oui
non
si
yes
yeah
no
nope
hein
quoi
what
wat
wut
wtf
huh
eh
right
really
oh really
seriously
for real
serieux
serieusement
vraiment
ah bon
ah oui
ah ouais
pourquoi pas
why not
so what
et alors
and
et
who knows
who knew
who cares
who would have thought
qui sait
qui l'eut cru
qui aurait cru
ca va
ca va bien
comment ca va
comment allez-vous
how are you
what's up
whats up
sup
devinez quoi
guess what
n'est-ce pas
`)

// tags are last clauses that make a statement sound like a question.
var tags = phrases(`
non
no
hein
quoi
si
ok
okay
d'accord
eh
huh
lol
mdr
right
yeah
yes
oui
innit
n'est-ce pas
n'est ce pas
pas vrai
tu vois
vous voyez
you know
you see
don't you think
is: it he she that
isn't: it he she that
are: they you we
aren't: they you we
was: it he she that
wasn't: it he she that
do: you we they
don't: you we they
does: it he she
doesn't: it he she
did: you it they
didn't: you it they
can: you it we
can't: you it we
`)

// laughter at the end of a sentence without a mark says that it is not meant.
var laughter = phrases(`
lol
mdr
ptdr
xd
haha
hahaha
lmao
`)

// phrases reads a list as it is written above.
func phrases(list string) map[string]bool {
	set := map[string]bool{}
	for line := range strings.SplitSeq(strings.TrimSpace(list), "\n") {
		head, tails, many := strings.Cut(line, ": ")
		if !many {
			set[line] = true
			continue
		}
		for tail := range strings.FieldsSeq(tails) {
			set[head+" "+tail] = true
		}
	}
	return set
}
