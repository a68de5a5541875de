// User agents as the Woothee project tells them: crawlers first, then browsers with the system they run on, then
// phones, game consoles and tools, and at last what only looks like a library or crawler.

import { type CompiledRegex, compileRegex } from '../regex.ts';
import { crawlerLabel } from './woothee_crawlers.ts';
import { ENTRIES, type Entry } from './woothee_names.ts';

export interface WootheeAgent {
  name: string;
  category: string;
  os: string;
  osVersion: string;
  version: string;
}

export const UNKNOWN = 'UNKNOWN';

/** What an agent is; undefined when nothing is known of it. */
export function parseWoothee(agent: string): WootheeAgent | undefined {
  const result = { name: UNKNOWN, category: UNKNOWN, os: UNKNOWN, osVersion: UNKNOWN, version: UNKNOWN };
  if (agent === '' || agent === '-') return result;
  return new Examination(agent, result).run() ? result : undefined;
}

class Examination {
  readonly #agent: string;
  readonly #result: WootheeAgent;

  constructor(agent: string, result: WootheeAgent) {
    this.#agent = agent;
    this.#result = result;
  }

  run(): boolean {
    const crawler = crawlerLabel(this.#agent);
    if (crawler !== undefined) return this.#is(crawler);
    if (this.#browser()) {
      this.#system();
      return true;
    }
    return (
      this.#phone() ||
      this.#playStation() ||
      this.#nintendo() ||
      this.#has('InettvBrowser/', 'DigitalTV') ||
      this.#tool() ||
      this.#system() ||
      this.#rare()
    );
  }

  /** Takes over what is known of a label. */
  #is(label: string, version?: string): true {
    const { name, category, os } = entryOf(label);
    this.#result.name = name;
    if (category !== '') this.#result.category = category;
    if (os !== '') this.#result.os = os;
    if (version !== undefined) this.#result.version = version;
    return true;
  }

  #has(text: string, label: string): boolean {
    return this.#agent.includes(text) && this.#is(label);
  }

  #hasAny(...texts: readonly string[]): boolean {
    return texts.some((text) => this.#agent.includes(text));
  }

  /** The first capture of an expression. */
  #find(expression: keyof typeof EXPRESSIONS): string | undefined {
    return regexFor(expression).exec(this.#agent)?.[1];
  }

  /** A browser whose version alone makes it known. */
  #versioned(expression: keyof typeof EXPRESSIONS, label: string): boolean {
    const version = this.#find(expression);
    return version !== undefined && this.#is(label, version);
  }

  #browser(): boolean {
    return (
      this.#internetExplorer() ||
      this.#versioned('edge', 'Edge') ||
      this.#versioned('vivaldi', 'Vivaldi') ||
      this.#versioned('firefoxIos', 'Firefox') ||
      this.#versioned('yandex', 'YaBrowser') ||
      (this.#hasAny('SamsungBrowser/') && this.#is('SamsungBrowser', this.#find('samsung') ?? UNKNOWN)) ||
      this.#safariOrChrome() ||
      (this.#hasAny('Firefox/') && this.#is('Firefox', this.#find('firefox') ?? UNKNOWN)) ||
      (this.#hasAny('Opera') && this.#is('Opera', this.#find('version') ?? this.#find('opera') ?? UNKNOWN)) ||
      this.#webview()
    );
  }

  #internetExplorer(): boolean {
    if (!this.#hasAny('compatible; MSIE', 'Trident/', 'IEMobile')) return false;
    const trident = () => (this.#find('trident') === undefined ? undefined : (this.#find('revision') ?? UNKNOWN));
    return this.#is('MSIE', this.#find('msie') ?? trident() ?? this.#find('ieMobile') ?? UNKNOWN);
  }

  #safariOrChrome(): boolean {
    if (this.#isAndroidWebview() || !this.#hasAny('Safari/')) return false;
    const chrome = this.#find('chrome');
    if (chrome !== undefined) {
      const opera = this.#find('operaBlink');
      return opera === undefined ? this.#is('Chrome', chrome) : this.#is('Opera', opera);
    }
    const searchApp = this.#find('googleApp');
    if (searchApp !== undefined) return this.#is('GSA', searchApp);
    return this.#is('Safari', this.#find('version') ?? UNKNOWN);
  }

  #isAndroidWebview(): boolean {
    return this.#agent.includes('Chrome') && this.#agent.includes('wv');
  }

  #webview(): boolean {
    const version = this.#find('version');
    if (this.#isAndroidWebview()) return this.#is('Webview', version ?? UNKNOWN);
    if (this.#find('appleWebview') === undefined || this.#hasAny('Safari/')) return false;
    return this.#is('Webview', version);
  }

  #phone(): boolean {
    if (this.#hasAny('DoCoMo', ';FOMA;'))
      return this.#is('docomo', this.#find('docomo') ?? this.#find('foma') ?? UNKNOWN);
    if (this.#hasAny('KDDI-')) return this.#is('au', this.#find('kddi') ?? UNKNOWN);
    if (this.#hasAny('SoftBank', 'Vodafone', 'J-PHONE')) return this.#is('SoftBank', this.#find('softbank') ?? UNKNOWN);
    if (this.#hasAny('WILLCOM', 'DDIPOCKET')) return this.#is('willcom', this.#find('willcom') ?? UNKNOWN);
    if (this.#hasAny('jig browser')) return this.#is('jig', this.#find('jig'));
    if (this.#hasAny('emobile/', 'OpenBrowser', 'Browser/Obigo-Browser')) return this.#is('emobile');
    if (this.#has('SymbianOS', 'SymbianOS')) return true;
    if (this.#hasAny('Hatena-Mobile-Gateway/')) return this.#is('MobileTranscoder', 'Hatena');
    return this.#hasAny('livedoor-Mobile-Gateway/') && this.#is('MobileTranscoder', 'livedoor');
  }

  #playStation(): boolean {
    for (const [texts, label, expression] of PLAY_STATIONS) {
      if (!this.#hasAny(...texts)) continue;
      this.#result.osVersion = this.#find(expression) ?? this.#result.osVersion;
      return this.#is(label);
    }
    return false;
  }

  #nintendo(): boolean {
    return (
      this.#has('Nintendo 3DS;', 'Nintendo3DS') ||
      this.#has('Nintendo DSi;', 'NintendoDSi') ||
      this.#has('Nintendo Wii;', 'NintendoWii') ||
      this.#has('(Nintendo WiiU)', 'NintendoWiiU')
    );
  }

  #tool(): boolean {
    return (
      this.#has('AppleSyndication/', 'SafariRSSReader') ||
      this.#has('compatible; Google Desktop/', 'GoogleDesktop') ||
      this.#has('Windows-RSS-Platform', 'WindowsRSSReader')
    );
  }

  /** Says what the system is, and by it of what category the device. */
  #runs({ category }: Entry, os: string, osVersion?: string): true {
    this.#result.category = category;
    this.#result.os = os;
    if (osVersion !== undefined && osVersion !== '') this.#result.osVersion = osVersion;
    return true;
  }

  #runsLabel(label: string, osVersion?: string): true {
    const entry = entryOf(label);
    return this.#runs(entry, entry.name, osVersion);
  }

  #system(): boolean {
    return (
      this.#windows() ||
      this.#apple() ||
      this.#linux() ||
      this.#smartphone() ||
      this.#phoneSystem() ||
      this.#consoleSystem() ||
      this.#otherSystem()
    );
  }

  #windows(): boolean {
    if (!this.#hasAny('Windows')) return false;
    if (this.#hasAny('Xbox')) return this.#is(this.#hasAny('Xbox; Xbox One)') ? 'XboxOne' : 'Xbox360');
    const version = this.#find('windows');
    if (version === undefined) return this.#runsLabel('Win');
    const label = WINDOWS.get(version);
    if (label !== undefined) return this.#runsLabel(label, version);
    const phone = regexFor('windowsPhone').exec(version)?.[1];
    return phone !== undefined && this.#runsLabel('WinPhone', phone);
  }

  #apple(): boolean {
    if (!this.#hasAny('Mac OS X')) return false;
    if (!this.#hasAny('like Mac OS X')) return this.#runsLabel('OSX', this.#find('macOs')?.replaceAll('_', '.'));
    const label = this.#hasAny('iPhone;')
      ? 'iPhone'
      : this.#hasAny('iPad;')
        ? 'iPad'
        : this.#hasAny('iPod')
          ? 'iPod'
          : 'OSX';
    return this.#runsLabel(label, this.#find('ios')?.replaceAll('_', '.'));
  }

  #linux(): boolean {
    if (!this.#hasAny('Linux')) return false;
    return this.#hasAny('Android') ? this.#runsLabel('Android', this.#find('android')) : this.#runsLabel('Linux');
  }

  #smartphone(): boolean {
    let [label, version] = this.#smartphoneLabel();
    if (this.#result.name === entryOf('Firefox').name) {
      const firefoxOs = this.#find('firefoxOs');
      if (firefoxOs !== undefined) [label, version] = ['FirefoxOS', firefoxOs];
    }
    return label !== undefined && this.#runsLabel(label, version);
  }

  #smartphoneLabel(): readonly [label: string | undefined, version?: string] {
    for (const label of ['iPhone', 'iPad', 'iPod']) if (this.#hasAny(label)) return [label];
    if (this.#hasAny('Android')) return ['Android', this.#find('android')];
    if (this.#hasAny('CFNetwork')) return ['iOS'];
    if (this.#hasAny('BB10')) {
      this.#result.version = UNKNOWN;
      return ['BlackBerry10', this.#find('blackBerry10')];
    }
    return this.#hasAny('BlackBerry') ? ['BlackBerry', this.#find('blackBerry')] : [undefined];
  }

  #phoneSystem(): boolean {
    for (const [label, expression] of [
      ['au', 'kddi'],
      ['willcom', 'willcom'],
    ] as const) {
      const version = this.#find(expression);
      if (version === undefined) continue;
      this.#result.version = version;
      return this.#runs(entryOf(label), entryOf(label).os);
    }
    if (this.#hasAny('SymbianOS')) return this.#runs(entryOf('SymbianOS'), entryOf('SymbianOS').os);
    // These are known and yet looked into further.
    if (this.#hasAny('Google Wireless Transcoder')) this.#is('MobileTranscoder', 'Google');
    if (this.#hasAny('Naver Transcoder')) this.#is('MobileTranscoder', 'Naver');
    return false;
  }

  #consoleSystem(): boolean {
    for (const [text, label] of [
      ['Nintendo DSi;', 'NintendoDSi'],
      ['Nintendo Wii;', 'NintendoWii'],
    ] as const)
      if (this.#hasAny(text)) return this.#runs(entryOf(label), entryOf(label).os);
    return false;
  }

  #otherSystem(): boolean {
    if (this.#hasAny('(Win98;')) return this.#runsLabel('Win98', '98');
    if (this.#hasAny('Macintosh; U; PPC;', 'Mac_PowerPC')) return this.#runsLabel('MacOS', this.#find('powerPc'));
    if (this.#hasAny('X11; FreeBSD ')) return this.#runsLabel('BSD', this.#find('freeBsd'));
    return this.#hasAny('X11; CrOS ') && this.#runsLabel('ChromeOS', this.#find('chromeOs'));
  }

  #rare(): boolean {
    if (this.#hasAny('CFNetwork/')) return this.#runsLabel('iOS');
    if (this.#hasAny('Sleipnir/')) {
      this.#is('Sleipnir', this.#find('sleipnir') ?? UNKNOWN);
      return this.#runsLabel('Win');
    }
    const library = this.#library();
    if (library !== undefined) return this.#is('HTTPLibrary', library);
    const lower = this.#agent.toLowerCase();
    if (this.#find('rss') !== undefined || lower.includes('headline-reader') || this.#hasAny('cococ/'))
      return this.#is('VariousRSSReader');
    const isCrawler =
      this.#find('crawler') !== undefined ||
      this.#find('otherCrawler') !== undefined ||
      this.#hasAny('ASP-Ranker Feed Crawler');
    return (
      (isCrawler || this.#find('feedParser') !== undefined || this.#find('watchdog') !== undefined) &&
      this.#is('VariousCrawler')
    );
  }

  #library(): string | undefined {
    const starts = (...texts: readonly string[]) => texts.some((text) => this.#agent.startsWith(text));
    if (this.#find('java') !== undefined || this.#hasAny('Java(TM) 2 Runtime Environment,')) return 'Java';
    if (starts('Wget/')) return 'wget';
    if (starts('libwww-perl', 'WWW-Mechanize', 'LWP::Simple', 'LWP ', 'lwp-trivial')) return 'perl';
    if (starts('Ruby', 'feedzirra', 'Typhoeus')) return 'ruby';
    if (starts('Python-urllib/', 'Twisted ')) return 'python';
    if (this.#find('php') !== undefined) return 'php';
    return starts('curl/') ? 'curl' : undefined;
  }
}

function entryOf(label: string): Entry {
  return ENTRIES.get(label)!;
}

const WINDOWS: ReadonlyMap<string, string> = new Map([
  ['NT 10.0', 'Win10'],
  ['NT 6.3', 'Win8.1'],
  ['NT 6.2', 'Win8'],
  ['NT 6.1', 'Win7'],
  ['NT 6.0', 'WinVista'],
  ['NT 5.1', 'WinXP'],
  ['NT 5.0', 'Win2000'],
  ['NT 4.0', 'WinNT4'],
  ['98', 'Win98'],
  ['95', 'Win95'],
  ['CE', 'WinCE'],
]);

const PLAY_STATIONS = [
  [['PSP (PlayStation Portable)'], 'PSP', 'psp'],
  [['PlayStation Vita'], 'PSVita', 'psVita'],
  [['PLAYSTATION 3 ', 'PLAYSTATION 3;'], 'PS3', 'ps3'],
  [['PlayStation 4 '], 'PS4', 'ps4'],
] as const;

const NUMBERS = '([.0-9]+)';

/** Each has one capture. */
const EXPRESSIONS = {
  android: 'Android[- ](\\d+(?:\\.\\d+(?:\\.\\d+)?)?)',
  appleWebview: '(iP(?:hone;|ad;|od) .*like Mac OS X)',
  blackBerry: `BlackBerry(?:\\d+)/${NUMBERS} `,
  blackBerry10: `BB10(?:.+)Version/${NUMBERS} `,
  chrome: `(?:Chrome|CrMo|CriOS)/${NUMBERS}`,
  chromeOs: 'CrOS ([^\\)]+)\\)',
  crawler: '(?i)((?:bot|crawler|spider)(?:[-_ ./;@()]|$))',
  docomo: `DoCoMo/[.0-9]+[ /]([^- /;()"']+)`,
  edge: `(?:Edge|Edg|EdgiOS|EdgA)/${NUMBERS}`,
  feedParser: '(?i)((?:feed|web) ?parser)',
  firefox: `Firefox/${NUMBERS}`,
  firefoxIos: `FxiOS/${NUMBERS}`,
  firefoxOs: `^Mozilla/[.0-9]+ \\((?:Mobile|Tablet);(?:.*;)? rv:${NUMBERS}\\) Gecko/[.0-9]+ Firefox/[.0-9]+$`,
  foma: '\\(([^;)]+);FOMA;',
  freeBsd: 'FreeBSD ([^;\\)]+);',
  googleApp: `GSA/${NUMBERS}`,
  ieMobile: `IEMobile/${NUMBERS};`,
  ios: '; CPU(?: iPhone)? OS (\\d+_\\d+(?:_\\d+)?) like Mac OS X',
  java: '(^(?:Apache-HttpClient/|Jakarta Commons-HttpClient/|Java/)|[- ]HttpClient(?:/|$))',
  jig: 'jig browser[^;]+; ([^);]+)',
  kddi: `KDDI-([^- /;()"']+)`,
  macOs: 'Mac OS X (10[._]\\d+(?:[._]\\d+)?)(?:\\)|;)',
  msie: `MSIE ${NUMBERS};`,
  opera: `Opera[/ ]${NUMBERS}`,
  operaBlink: `OPR/${NUMBERS}`,
  otherCrawler: '(Rome Client |UnwindFetchor/|ia_archiver |Summify |PostRank/)',
  php: '(^(?:PHP|WordPress|CakePHP|PukiWiki|PECL::HTTP)(?:/| |$)|(?:PEAR HTTP_Request|HTTP_Request)(?: class|2))',
  powerPc: 'rv:(\\d+\\.\\d+\\.\\d+)',
  ps3: `PLAYSTATION 3;? ${NUMBERS}\\)`,
  ps4: `PlayStation 4 ${NUMBERS}\\)`,
  psVita: `PlayStation Vita ${NUMBERS}\\)`,
  psp: `PSP \\(PlayStation Portable\\); ${NUMBERS}\\)`,
  revision: ` rv:${NUMBERS}`,
  rss: '(?i)(rss(?:reader|bar|[-_ /;()]|[ +]*/))',
  samsung: `SamsungBrowser/${NUMBERS}`,
  sleipnir: `Sleipnir/${NUMBERS}`,
  softbank: '(?:SoftBank|Vodafone|J-PHONE)/[.0-9]+/([^ /;()]+)',
  trident: `Trident/${NUMBERS};`,
  version: `Version/${NUMBERS}`,
  vivaldi: `Vivaldi/${NUMBERS}`,
  watchdog: '(?i)(watch ?dog)',
  willcom: '(?:WILLCOM|DDIPOCKET);[^/]+/([^ /;()]+)',
  windows: 'Windows ([ .a-zA-Z0-9]+)[;\\\\)]',
  windowsPhone: `^Phone(?: OS)? ${NUMBERS}`,
  yandex: 'YaBrowser/(\\d+\\.\\d+\\.\\d+\\.\\d+)',
} as const;

const compiled = new Map<string, CompiledRegex>();

function regexFor(expression: keyof typeof EXPRESSIONS): CompiledRegex {
  let regex = compiled.get(expression);
  if (!regex) {
    const made = compileRegex(EXPRESSIONS[expression]);
    if (typeof made === 'string') throw new Error(made);
    compiled.set(expression, (regex = made));
  }
  return regex;
}
