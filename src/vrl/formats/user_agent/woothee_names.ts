// The names that Woothee gives to what it knows, by its labels.

export interface Entry {
  readonly name: string;
  /** `pc`, `smartphone`, `mobilephone`, `appliance`, `crawler`, `misc`; empty for browsers, which tell nothing of it. */
  readonly category: string;
  /** Only where the label names the system, too. */
  readonly os: string;
}

function entries(category: string, names: Readonly<Record<string, string>>, os?: Readonly<Record<string, string>>) {
  return Object.entries(names).map(([label, name]): [string, Entry] => [
    label,
    { name, category, os: os ? (os[label] ?? name) : '' },
  ]);
}

/** Entries by label. */
export const ENTRIES: ReadonlyMap<string, Entry> = new Map([
  ...entries('', {
    MSIE: 'Internet Explorer',
    Edge: 'Edge',
    Chrome: 'Chrome',
    Safari: 'Safari',
    Firefox: 'Firefox',
    Opera: 'Opera',
    Vivaldi: 'Vivaldi',
    Sleipnir: 'Sleipnir',
    GSA: 'Google Search App',
    Webview: 'Webview',
    YaBrowser: 'Yandex Browser',
    SamsungBrowser: 'SamsungBrowser',
  }),
  ...entries('pc', {
    Win: 'Windows UNKNOWN Ver',
    Win10: 'Windows 10',
    'Win8.1': 'Windows 8.1',
    Win8: 'Windows 8',
    Win7: 'Windows 7',
    WinVista: 'Windows Vista',
    WinXP: 'Windows XP',
    Win2000: 'Windows 2000',
    WinNT4: 'Windows NT 4.0',
    Win98: 'Windows 98',
    Win95: 'Windows 95',
    OSX: 'Mac OSX',
    MacOS: 'Mac OS Classic',
    Linux: 'Linux',
    BSD: 'BSD',
    ChromeOS: 'ChromeOS',
  }),
  ...entries('smartphone', {
    WinPhone: 'Windows Phone OS',
    WinCE: 'Windows CE',
    Android: 'Android',
    iPhone: 'iPhone',
    iPad: 'iPad',
    iPod: 'iPod',
    iOS: 'iOS',
    FirefoxOS: 'Firefox OS',
    BlackBerry: 'BlackBerry',
    BlackBerry10: 'BlackBerry 10',
  }),
  ...entries(
    'mobilephone',
    {
      docomo: 'docomo',
      au: 'au by KDDI',
      SoftBank: 'SoftBank Mobile',
      willcom: 'WILLCOM',
      jig: 'jig browser',
      emobile: 'emobile',
      SymbianOS: 'SymbianOS',
      MobileTranscoder: 'Mobile Transcoder',
    },
    { au: 'au', SoftBank: 'SoftBank', jig: 'jig' },
  ),
  ...entries(
    'appliance',
    {
      Nintendo3DS: 'Nintendo 3DS',
      NintendoDSi: 'Nintendo DSi',
      NintendoWii: 'Nintendo Wii',
      NintendoWiiU: 'Nintendo Wii U',
      PSP: 'PlayStation Portable',
      PSVita: 'PlayStation Vita',
      PS3: 'PlayStation 3',
      PS4: 'PlayStation 4',
      Xbox360: 'Xbox 360',
      XboxOne: 'Xbox One',
      DigitalTV: 'InternetTVBrowser',
    },
    { DigitalTV: 'DigitalTV' },
  ),
  ...entries('misc', {
    SafariRSSReader: 'Safari RSSReader',
    GoogleDesktop: 'Google Desktop',
    WindowsRSSReader: 'Windows RSSReader',
    VariousRSSReader: 'RSSReader',
    HTTPLibrary: 'HTTP Library',
  }),
  ...entries('crawler', {
    GoogleBot: 'Googlebot',
    GoogleBotMobile: 'Googlebot Mobile',
    GoogleMediaPartners: 'Google Mediapartners',
    GoogleFeedFetcher: 'Google Feedfetcher',
    GoogleAppEngine: 'Google AppEngine',
    GoogleWebPreview: 'Google Web Preview',
    AdsBotGoogleMobile: 'AdsBot-Google-Mobile',
    AdsBotGoogle: 'AdsBot-Google',
    YahooSlurp: 'Yahoo! Slurp',
    YahooJP: 'Yahoo! Japan',
    YahooPipes: 'Yahoo! Pipes',
    Baiduspider: 'Baiduspider',
    msnbot: 'msnbot',
    bingbot: 'bingbot',
    BingPreview: 'BingPreview',
    Yeti: 'Naver Yeti',
    FeedBurner: 'Google FeedBurner',
    facebook: 'facebook',
    twitter: 'twitter',
    trendictionbot: 'trendiction',
    mixi: 'mixi',
    IndyLibrary: 'Indy Library',
    ApplePubSub: 'Apple iCloud',
    Genieo: 'Genieo Web Filter',
    topsyButterfly: 'topsy Butterfly',
    rogerbot: 'SeoMoz rogerbot',
    AhrefsBot: 'ahref AhrefsBot',
    radian6: 'salesforce radian6',
    Hatena: 'Hatena',
    goo: 'goo',
    livedoorFeedFetcher: 'livedoor FeedFetcher',
    VariousCrawler: 'misc crawler',
  }),
]);
