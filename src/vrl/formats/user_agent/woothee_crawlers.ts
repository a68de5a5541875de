// The crawlers that Woothee knows, by the texts they have.

/** A label holds when the agent has `has` and, where given, one of `and`. */
interface Rule {
  readonly label: string;
  readonly has: string;
  readonly and?: readonly string[];
}

const GOOGLE: readonly Rule[] = [
  { label: 'GoogleBotMobile', has: 'compatible; Googlebot-Mobile' },
  { label: 'GoogleBot', has: 'compatible; Googlebot' },
  { label: 'AdsBotGoogleMobile', has: 'compatible; AdsBot-Google-Mobile;' },
];

const GOOGLE_MORE: readonly Rule[] = [
  { label: 'GoogleBot', has: 'Googlebot-Image/' },
  { label: 'GoogleMediaPartners', has: 'compatible; Mediapartners-Google' },
  { label: 'GoogleFeedFetcher', has: 'Feedfetcher-Google;' },
  { label: 'GoogleAppEngine', has: 'AppEngine-Google' },
  { label: 'GoogleWebPreview', has: 'Google Web Preview' },
];

const YAHOO: readonly Rule[] = [
  { label: 'YahooSlurp', has: 'compatible; Yahoo! Slurp' },
  { label: 'YahooJP', has: 'YahooFeedSeekerJp' },
  { label: 'YahooJP', has: 'YahooFeedSeekerBetaJp' },
  { label: 'YahooJP', has: 'crawler (http://listing.yahoo.co.jp/support/faq/' },
  { label: 'YahooJP', has: 'crawler (http://help.yahoo.co.jp/help/jp/' },
  { label: 'YahooJP', has: 'Y!J-BRZ/YATSHA crawler' },
  { label: 'YahooJP', has: 'Y!J-BRY/YATSH crawler' },
  { label: 'YahooPipes', has: 'Yahoo Pipes' },
];

const OTHERS: readonly Rule[] = [
  { label: 'msnbot', has: 'msnbot' },
  { label: 'bingbot', has: 'compatible; bingbot' },
  { label: 'BingPreview', has: 'BingPreview' },
  { label: 'Baiduspider', has: 'compatible; Baiduspider' },
  { label: 'Baiduspider', has: 'Baiduspider+' },
  { label: 'Baiduspider', has: 'Baiduspider-image+' },
  {
    label: 'Yeti',
    has: 'Yeti',
    and: ['http://help.naver.com/robots', 'http://help.naver.com/support/robots.html', 'http://naver.me/bot'],
  },
  { label: 'FeedBurner', has: 'FeedBurner/' },
  { label: 'facebook', has: 'facebookexternalhit' },
  { label: 'twitter', has: 'Twitterbot/' },
  { label: 'goo', has: 'ichiro', and: ['http://help.goo.ne.jp/door/crawler.html', 'compatible; ichiro/mobile goo;'] },
  { label: 'goo', has: 'gooblogsearch/' },
  { label: 'ApplePubSub', has: 'Apple-PubSub' },
  { label: 'radian6', has: '(www.radian6.com/crawler)' },
  { label: 'Genieo', has: 'Genieo/' },
  { label: 'topsyButterfly', has: 'labs.topsy.com/butterfly/' },
  { label: 'rogerbot', has: 'rogerbot/1.0 (http://www.seomoz.org/dp/rogerbot' },
  { label: 'AhrefsBot', has: 'compatible; AhrefsBot/' },
  { label: 'livedoorFeedFetcher', has: 'livedoor FeedFetcher' },
  { label: 'livedoorFeedFetcher', has: 'Fastladder FeedFetcher' },
  { label: 'Hatena', has: 'Hatena Antenna' },
  { label: 'Hatena', has: 'Hatena Pagetitle Agent' },
  { label: 'Hatena', has: 'Hatena Diary RSS' },
  { label: 'mixi', has: 'mixi-check' },
  { label: 'mixi', has: 'mixi-crawler' },
  { label: 'mixi', has: 'mixi-news-crawler' },
  { label: 'IndyLibrary', has: 'compatible; Indy Library' },
  { label: 'trendictionbot', has: 'trendictionbot' },
];

/** The label of the crawler that an agent is. */
export function crawlerLabel(agent: string): string | undefined {
  if (agent.includes('Google')) {
    const label = googleLabel(agent);
    if (label !== undefined) return label;
  }
  if (/Yahoo|(?:help\.yahoo\.co\.jp\/help\/jp|listing\.yahoo\.co\.jp\/support\/faq)\//.test(agent)) {
    const label = labelOf(YAHOO, agent);
    if (label !== undefined) return label;
  }
  return labelOf(OTHERS, agent);
}

function googleLabel(agent: string): string | undefined {
  const label = labelOf(GOOGLE, agent);
  if (label !== undefined) return label;
  if (agent.startsWith('AdsBot-Google')) return 'AdsBotGoogle';
  if (agent === 'Mediapartners-Google') return 'GoogleMediaPartners';
  return labelOf(GOOGLE_MORE, agent);
}

function labelOf(rules: readonly Rule[], agent: string): string | undefined {
  return rules.find(({ has, and }) => agent.includes(has) && (!and || and.some((text) => agent.includes(text))))?.label;
}
