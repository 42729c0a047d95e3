"""The words that people are asked to agree to, by purpose and language.

Changing a text means new words and a higher version here.  Its hash changes with it, so that who
agreed to the old one is asked again; the old words stay in the table ``consent_text``.
"""

SHARE, REFERRAL, CONVERSATION, REVIEW = "share", "referral", "conversation", "review"

TEXTS = {
    (SHARE, "en"): (
        "2",
        (
            "I share this offer with a link of my own. Fanfare records that I shared it, when, and "
            "through which channel, counts the visits and orders that come through my link, and "
            "rewards me for them. If somebody brought me to this offer, what I set in motion "
            "counts for them as well, and they get a part of their own: they see a number, not my "
            "name and not my friends. Friends who open my link are told that I get a reward if "
            "they buy, and see the name that I enter here, if I enter one. I can withdraw this at "
            "any time: my link then stops working at once, what I earned before stays mine, and my "
            "place in the offer stays where it is, because what others earned stands on it."
        ),
    ),
    (SHARE, "de"): (
        "2",
        (
            "Ich teile diese Aktion mit einem eigenen Link. Fanfare hält fest, dass ich sie "
            "geteilt habe, wann und über welchen Kanal, zählt die Besuche und Bestellungen, die "
            "über meinen Link kommen, und belohnt mich dafür. Hat mich jemand zu dieser Aktion "
            "gebracht, so zählt das, was ich in Gang setze, auch für diese Person, und sie bekommt "
            "einen eigenen Teil: Sie sieht eine Zahl, nicht meinen Namen und nicht meine Freunde. "
            "Freunde, die meinen Link öffnen, erfahren, dass ich eine Belohnung bekomme, wenn sie "
            "kaufen, und sehen den Namen, den ich hier eingebe, falls ich einen eingebe. Ich kann "
            "das jederzeit zurückziehen: Mein Link funktioniert dann sofort nicht mehr, was ich "
            "bis dahin verdient habe, bleibt meines, und mein Platz in der Aktion bleibt, wo er "
            "ist, weil darauf steht, was andere verdient haben."
        ),
    ),
    (SHARE, "fr"): (
        "2",
        (
            "Je partage cette offre avec mon propre lien. Fanfare enregistre que je l'ai partagée, "
            "quand et par quel canal, compte les visites et les commandes qui viennent par mon "
            "lien, et m'en récompense. Si quelqu'un m'a amené à cette offre, ce que je mets en "
            "mouvement compte aussi pour cette personne, et elle reçoit une part à elle : elle "
            "voit un nombre, ni mon nom ni mes amis. Les amis qui ouvrent mon lien apprennent que "
            "je reçois une récompense s'ils achètent, et voient le nom que je saisis ici, si j'en "
            "saisis un. Je peux retirer cela à tout moment : mon lien cesse aussitôt de "
            "fonctionner, ce que j'ai gagné avant reste à moi, et ma place dans l'offre reste où "
            "elle est, car ce que d'autres ont gagné repose sur elle."
        ),
    ),
    (REFERRAL, "en"): (
        "2",
        (
            "I confirm that this person brought me to this offer. Fanfare records it once, so that "
            "what I buy, and what my own links set in motion if I share the offer, counts for them "
            "as well. They see a number, not my name and not what I buy. It changes nothing in "
            "what I pay or earn. I can withdraw this at any time: from then on what I buy no "
            "longer counts for them. If I have not shared the offer by then, what I share later "
            "does not count for them either. If I have, my place below them stays, because what "
            "others earned stands on it, and what my links set in motion goes on counting for "
            "them, as a number."
        ),
    ),
    (REFERRAL, "de"): (
        "2",
        (
            "Ich bestätige, dass diese Person mich zu dieser Aktion gebracht hat. Fanfare hält das "
            "einmal fest, damit auch für sie zählt, was ich kaufe und was meine eigenen Links in "
            "Gang setzen, falls ich die Aktion teile. Sie sieht eine Zahl, nicht meinen Namen und "
            "nicht, was ich kaufe. Es ändert nichts daran, was ich zahle oder verdiene. Ich kann "
            "das jederzeit zurückziehen: Von da an zählt nicht mehr für sie, was ich kaufe. Habe "
            "ich die Aktion bis dahin nicht geteilt, so zählt auch nicht für sie, was ich später "
            "teile. Habe ich sie geteilt, so bleibt mein Platz unter ihr, weil darauf steht, was "
            "andere verdient haben, und was meine Links in Gang setzen, zählt weiter für sie, als "
            "Zahl."
        ),
    ),
    (REFERRAL, "fr"): (
        "2",
        (
            "Je confirme que cette personne m'a amené à cette offre. Fanfare l'enregistre une "
            "fois, afin que ce que j'achète, et ce que mes propres liens mettent en mouvement si "
            "je partage l'offre, compte aussi pour elle. Elle voit un nombre, ni mon nom ni ce que "
            "j'achète. Cela ne change rien à ce que je paie ou gagne. Je peux retirer cela à tout "
            "moment : dès lors, ce que j'achète ne compte plus pour elle. Si je n'ai pas encore "
            "partagé l'offre, ce que je partage plus tard ne compte pas non plus pour elle. Si je "
            "l'ai partagée, ma place au-dessous d'elle demeure, car ce que d'autres ont gagné "
            "repose sur elle, et ce que mes liens mettent en mouvement continue à compter pour "
            "elle, comme un nombre."
        ),
    ),
    (CONVERSATION, "en"): (
        "1",
        (
            "I take part in a conversation with this brand. Fanfare records what I write and when, "
            "and shows it to the people of the brand and to the others in this conversation, under "
            "the name that I choose for it. It changes nothing in what I pay or earn. I can "
            "withdraw this at any time: from then on nothing I wrote is shown, and nobody can "
            "write to me in this conversation."
        ),
    ),
    (CONVERSATION, "de"): (
        "1",
        (
            "Ich nehme an einem Gespräch mit dieser Marke teil. Fanfare hält fest, was ich "
            "schreibe und wann, und zeigt es den Menschen der Marke und den anderen in diesem "
            "Gespräch unter dem Namen, den ich dafür wähle. Es ändert nichts daran, was ich zahle "
            "oder verdiene. Ich kann das jederzeit zurückziehen: Von da an wird nichts mehr "
            "gezeigt, was ich geschrieben habe, und niemand kann mir in diesem Gespräch schreiben."
        ),
    ),
    (CONVERSATION, "fr"): (
        "1",
        (
            "Je participe à une conversation avec cette marque. Fanfare enregistre ce que j'écris "
            "et quand, et le montre aux personnes de la marque et aux autres participants de cette "
            "conversation, sous le nom que je choisis pour elle. Cela ne change rien à ce que je "
            "paie ou gagne. Je peux retirer cela à tout moment : dès lors, rien de ce que j'ai "
            "écrit n'est montré, et personne ne peut m'écrire dans cette conversation."
        ),
    ),
    (REVIEW, "en"): (
        "1",
        (
            "A person of the brand may look at my case. They see what Fanfare holds about it: my "
            "links, the visits and orders that came through them, when they came, and what I write "
            "about the case; not my name and not my friends' names. They use it to decide this "
            "case and nothing else. I can withdraw this at any time: from then on nobody looks at "
            "it with my permission, and the case is decided without it."
        ),
    ),
    (REVIEW, "de"): (
        "1",
        (
            "Ein Mensch der Marke darf meinen Fall ansehen. Er sieht, was Fanfare darüber hält: "
            "meine Links, die Besuche und Bestellungen, die darüber kamen, wann sie kamen, und was "
            "ich zum Fall schreibe; nicht meinen Namen und nicht die Namen meiner Freunde. Er "
            "nutzt es, um diesen Fall zu entscheiden, und für nichts anderes. Ich kann das "
            "jederzeit zurückziehen: Von da an sieht ihn niemand mehr mit meiner Erlaubnis an, und "
            "der Fall wird ohne sie entschieden."
        ),
    ),
    (REVIEW, "fr"): (
        "1",
        (
            "Une personne de la marque peut regarder mon cas. Elle voit ce que Fanfare en conserve "
            ": mes liens, les visites et les commandes qui sont venues par eux, quand elles sont "
            "venues, et ce que j'écris sur ce cas ; ni mon nom ni ceux de mes amis. Elle s'en sert "
            "pour décider de ce cas et de rien d'autre. Je peux retirer cela à tout moment : dès "
            "lors, personne ne le regarde plus avec ma permission, et le cas est décidé sans elle."
        ),
    ),
}
"""Version and words, by purpose and language."""
