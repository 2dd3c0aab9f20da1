package community

// How questions begin. The phrases are written as phrases.go says.

// strong opens a question in any clause.
var strong = byLetter(`
est-ce
est ce: que qu'
esce: que qu'
es ce: que qu'
qu'est-ce
qu'est ce
c'est quoi
cest quoi
y a-t-il
y a t-il
y a t'il
y a t il
y-a-t-il
y'a-t-il
il y a moyen
y a moyen
y'a moyen
quelqu'un: a aurait connait sait saurait peut pourrait utilise pour veut voudrait arrive est
qqun: a aurait connait sait saurait peut pourrait utilise pour veut
qqn: a aurait connait sait saurait peut pourrait utilise pour veut
avez-vous
aviez-vous
auriez-vous
savez-vous
pouvez-vous
pourriez-vous
connaissez-vous
pensez-vous
faites-vous
utilisez-vous
voulez-vous
devez-vous
trouvez-vous
conseillez-vous
recommandez-vous
preferez-vous
etes-vous
avez vous
auriez vous
savez vous
pouvez vous
pourriez vous
connaissez vous
as-tu
aurais-tu
sais-tu
peux-tu
pourrais-tu
connais-tu
penses-tu
fais-tu
veux-tu
utilises-tu
es-tu
puis-je
dois-je
ai-je
suis-je
pourrais-je
peut-on
doit-on
a-t-on
va-t-on
pourrait-on
faut-il
est-il possible
est-il normal
existe-t-il
existe t-il
peut-il
doit-il
va-t-il
vous savez: si comment oU pourquoi quand quel quelle
tu sais: si comment oU pourquoi quand quel quelle
vous auriez
vous pourriez
tu aurais
tu pourrais
je me demande: si comment pourquoi oU quel quelle quand s'
je me demandais: si comment pourquoi oU quel quelle quand s'
je voudrais savoir
je voulais savoir
je souhaiterais savoir
je cherche a savoir
j'aimerais savoir
j'aurais voulu savoir
does: anyone anybody someone
did: anyone anybody someone
do: any anyone
is: anyone anybody
has: anyone anybody someone somebody
have any
can: you anyone anybody someone somebody
could: you anyone anybody someone somebody
would: you anyone anybody someone
any: idea ideas tip tips advice news recommendations suggestions thoughts chance update updates
wondering: if whether how what which
was wondering: if whether how what which
i was wondering: if whether how what which
i am wondering: if whether how what which
i'm wondering: if whether how what which
just wondering: if whether how what which
i'd like to know
i would like to know
`)

// weak opens a question at the start of a sentence.
var weak = byLetter(`
comment
pourquoi
combien
oU
ou: est sont acheter trouver puis-je peut-on
quand: est-ce est sort sera seront commence ouvre rouvre part aura
qui: a aurait connait sait saurait peut pourrait veut voudrait utilise vient est serait joue
que: pensez-vous penses-tu faire dois-je vaut signifie conseillez-vous faut-il
qu'en: pensez-vous penses-tu
quel: est serait pied point fil tissu type genre modele prix outil logiciel niveau age jour serveur bouton
quelle: est serait taille marque machine aiguille version couleur difference heure date sorte longueur laize classe arme commande
quels: sont seraient types outils fils tissus
quelles: sont seraient tailles marques aiguilles versions couleurs dates
how: do does did can could should would will to is are am much many long often far big about come
why: is are am was were do does did can can't cannot isn't aren't don't doesn't didn't won't would wouldn't should has have
what: is are am was were do does did can could should would will size sizes time kind type sort version color colour brand needle thread fabric about if
what's: the your this that a wrong going best
whats: the your this that a wrong going best
where: is are am do does did can could should would to
where's: the my your
does
did: you we they i it the this that
do: i you we they people the these those
is: there it this that the my your our
are: there you we they the these those any my your our
can: i we they it this that the
could: i we it this
would: it this that a
should: i we it
will: i it we there this that the you they
has: the it this
have: you we they
may i
anyone
anybody
when: is are do does did will can should would
who: is are has have had can could knows wants uses maintains owns made makes wrote else
which
`)

// statements begin as questions do and are none.
var statements = byLetter(`
comment dire
comment j'
comment: il ils elle elles
pourquoi pas
combien de fois
oU: que qu'
who knows
who is who
which: is means was were makes made explains would will can could has had in i we they he she it also then leads helps works worked brings
does: not exactly what
does the: job trick
do the same
are you kidding
can you believe
would you believe
anyone: can could who
anybody: can could who
quand est: venu arrive
`)

// leads come before an opening and say nothing themselves.
var leads = byLetter(`
bonjour
bonsoir
salut
coucou
hello
hi
hey
yo
a: tous toutes
all
everyone
everybody
guys
les filles
et
mais
donc
alors
sinon
du coup
dites
dis
and
but
or
so
also
well
wait
quick question
question
please
svp
stp
lol
mdr
ok
`)

// openings are phrases by their first byte.
type openings [256][]string

func byLetter(list string) openings {
	var o openings
	for p := range phrases(list) {
		o[p[0]] = append(o[p[0]], p)
	}
	return o
}
