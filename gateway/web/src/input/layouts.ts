/** A keyboard layout as XKB names it, with what tells it from others. */
export interface Layout {
  layout: string;
  variant: string;
  title: string;
  /** Of whose speakers most have it, as BCP 47 names them. */
  languages: readonly string[];
  /** What the keys of `signed` give without Shift; a space: a dead key, or one that differs. */
  signature: string;
}

/** The keys that tell layouts apart, by KeyboardEvent.code. */
const signed = [
  "Backquote", "Digit1", "Digit2", "Minus", "Equal", "KeyQ", "KeyW", "KeyY", "BracketLeft", "BracketRight",
  "KeyA", "Semicolon", "Quote", "Backslash", "IntlBackslash", "KeyZ", "KeyM", "Comma", "Slash", "KeyS",
] as const;

function row(name: string, title: string, languages: string, signature: string): Layout {
  const [layout = "", variant = ""] = name.split("/");
  return { layout, variant, title, languages: languages.split(" ").filter(Boolean), signature };
}

/** The layouts that a player can choose; of two that look alike the first is the likelier. */
export const layouts: readonly Layout[] = [
  row("us", "English (US)", "en", "`12-=qwy[]a;'\\ zm,/s"),
  row("gb", "English (UK)", "en-GB en-IE", "`12-=qwy[]a;'#\\zm,/s"),
  row("us/intl", "English (US, international)", "nl", " 12-=qwy[]a; \\ zm,/s"),
  row("us/dvorak", "English (Dvorak)", "", "`12[]',f/=as-\\ ;mwzo"),
  row("us/colemak", "English (Colemak)", "", "`12-=qwj[]ao'\\ zm,/r"),
  row("de", "German", "de", " 12ß qwzü+aöä#<ym,-s"),
  row("at", "German (Austria)", "de-AT", " 12ß qwzü+aöä#<ym,-s"),
  row("ch", "German (Switzerland)", "de-CH", "§12' qwzü aöä$<ym,-s"),
  row("ch/fr", "French (Switzerland)", "fr-CH", "§12' qwzè aéà$<ym,-s"),
  row("fr", "French", "fr", "²&é)=azy $qmù*<w,;!s"),
  row("fr/bepo", "French (Bépo)", "", "$\"«=%bé zwanmçêà'gfu"),
  row("be", "Belgian", "fr-BE nl-BE", "²&é)-azy $qmùµ<w,;=s"),
  row("ca", "French (Canada)", "fr-CA", "#12-=qwy  a; <«zm,és"),
  row("es", "Spanish", "es", "º12'¡qwy +añ ç<zm,-s"),
  row("latam", "Spanish (Latin America)", "es-419 es-MX es-AR es-CL es-CO es-PE", "|12'¿qwy +añ{}<zm,-s"),
  row("pt", "Portuguese", "pt", "\\12'«qwy+ açº <zm,-s"),
  row("br", "Portuguese (Brazil)", "pt-BR", "'12-=qwy [aç ]\\zm,;s"),
  row("it", "Italian", "it", "\\12'ìqwyè+aòàù<zm,-s"),
  row("se", "Swedish", "sv", "§12+ qwyå aöä'<zm,-s"),
  row("fi", "Finnish", "fi", "§12+ qwyå aöä'<zm,-s"),
  row("no", "Norwegian", "no nb nn", "|12+\\qwyå aøæ'<zm,-s"),
  row("dk", "Danish", "da", "½12+ qwyå aæø'<zm,-s"),
  row("is", "Icelandic", "is", " 12ö-qwyð'aæ +<zm,þs"),
  row("ee", "Estonian", "et", " 12+ qwyüõaöä'<zm,-s"),
  row("lt", "Lithuanian", "lt", "`ąč-žqwy[]a;'\\ zm,/s"),
  row("pl", "Polish", "pl", "`12-=qwy[]a;'\\ zm,/s"),
  row("cz", "Czech", "cs", ";+ě= qwzú)aů§ \\ym,-s"),
  row("sk", "Slovak", "sk", ";+ľ= qwzúäaô§ň&ym,-s"),
  row("hu", "Hungarian", "hu", "012üóqwzőúaéáűíym,-s"),
  row("ro", "Romanian", "ro", "„12-=qwyăîașțâ\\zm,/s"),
  row("hr", "Croatian", "hr bs", " 12'+qwzšđačćž<ym,-s"),
  row("si", "Slovenian", "sl", " 12'+qwzšđačćž<ym,-s"),
  row("tr", "Turkish", "tr", "\"12*-qwyğüaşi,<zmö.s"),
  row("gr", "Greek", "el", "`12-=;ςυ[]α '\\ ζμ,/σ"),
  row("ru", "Russian", "ru", "ё12-=йцнхъфжэ\\/яьб.ы"),
  row("ua", "Ukrainian", "uk", " 12-=йцнхїфжє  яьб.і"),
  row("il", "Hebrew", "he", " 12-=/'ט  שף,\\ זצת.ד"),
  row("ara", "Arabic", "ar", "ذ12-=ضصغجدشكط\\ ئةوظس"),
  row("jp", "Japanese", "ja", " 12-^qwy@[a;:] zm,/s"),
  row("kr", "Korean", "ko", "`12-=qwy[]a;'\\ zm,/s"),
];

/** How a choice is remembered, and told from others. */
export function nameOf({ layout, variant }: { layout: string; variant: string }): string {
  return variant ? `${layout}/${variant}` : layout;
}

/** The layout of a keyboard whose keys give this, or else of who speaks these languages. */
export function detectLayout(keys: ReadonlyMap<string, string> | undefined, languages: readonly string[]): Layout {
  const spoken = (each: Layout) => Math.max(0, ...each.languages.map((tag) => fluency(tag, languages)));
  // What is spoken decides between those that look alike only.
  const score = (each: Layout) => (keys ? 10 * likeness(each, keys) : 0) + spoken(each);
  return layouts.reduce((best, each) => (score(each) > score(best) ? each : best));
}

/** From 0 to 9: the earlier a language is named the better, and a region better than none. */
function fluency(tag: string, languages: readonly string[]): number {
  const rank = languages.slice(0, 4).findIndex((each) => each === tag || each.startsWith(`${tag}-`));
  if (rank < 0) return 0;
  return 8 - 2 * rank + (languages[rank] === tag ? 1 : 0);
}

function likeness({ signature }: Layout, keys: ReadonlyMap<string, string>): number {
  const expected = [...signature];
  return signed.reduce((sum, code, i) => {
    const key = keys.get(code);
    if (key === undefined || expected[i] === " ") return sum;
    return sum + (key === expected[i] ? 1 : -1);
  }, 0);
}
