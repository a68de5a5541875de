// Abbreviations that the IANA database has and no English locale of `Intl` knows. By the offset in hours: `JST` is what
// Tokyo's time is called at +9.

/** `name@hours …: zones` */
const TABLE = `
JST@9 JDT@10: Asia/Tokyo Japan
KST@9 KDT@10: Asia/Seoul Asia/Pyongyang ROK
CST@8 CDT@9: Asia/Shanghai Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Macau Asia/Macao Asia/Taipei PRC ROC
HKT@8 HKST@9: Asia/Hong_Kong Hongkong
PST@8 PDT@9: Asia/Manila
PKT@5 PKST@6: Asia/Karachi
WIB@7: Asia/Jakarta Asia/Pontianak
WITA@8: Asia/Makassar Asia/Ujung_Pandang
WIT@9: Asia/Jayapura
IST@2 IDT@3: Asia/Jerusalem Asia/Tel_Aviv Israel
MSK@3 MSD@4: Europe/Moscow Europe/Simferopol W-SU
EET@2 EEST@3: Asia/Beirut Asia/Nicosia Asia/Famagusta Asia/Gaza Asia/Hebron Africa/Cairo Africa/Tripoli Egypt Libya EET
CET@1 CEST@2: Africa/Algiers Africa/Tunis CET
GMT@0: Africa/Abidjan Africa/Accra Africa/Bamako Africa/Banjul Africa/Bissau Africa/Conakry Africa/Dakar Africa/Freetown Africa/Lome Africa/Monrovia Africa/Nouakchott Africa/Ouagadougou Africa/Sao_Tome Africa/Timbuktu America/Danmarkshavn Atlantic/Reykjavik Atlantic/St_Helena Iceland
WAT@1 WAST@2: Africa/Lagos Africa/Bangui Africa/Brazzaville Africa/Douala Africa/Kinshasa Africa/Libreville Africa/Luanda Africa/Malabo Africa/Ndjamena Africa/Niamey Africa/Porto-Novo
CAT@2: Africa/Maputo Africa/Blantyre Africa/Bujumbura Africa/Gaborone Africa/Harare Africa/Khartoum Africa/Juba Africa/Kigali Africa/Lubumbashi Africa/Lusaka Africa/Windhoek
EAT@3: Africa/Nairobi Africa/Addis_Ababa Africa/Asmara Africa/Asmera Africa/Dar_es_Salaam Africa/Djibouti Africa/Kampala Africa/Mogadishu Indian/Antananarivo Indian/Comoro Indian/Mayotte
SAST@2: Africa/Johannesburg Africa/Maseru Africa/Mbabane
CST@-5 CDT@-4: America/Havana Cuba
ChST@10: Pacific/Guam Pacific/Saipan
SST@-11: Pacific/Pago_Pago Pacific/Samoa Pacific/Midway US/Samoa
`;

/** By zone, the abbreviation of each offset in seconds. */
const NAMES = new Map<string, ReadonlyMap<number, string>>();
for (const line of TABLE.trim().split('\n')) {
  const [names, zones] = line.split(': ');
  const byOffset = new Map(
    names!.split(' ').map((name) => {
      const [abbreviation, hours] = name.split('@');
      return [Number(hours) * 3600, abbreviation!] as const;
    }),
  );
  for (const zone of zones!.split(' ')) NAMES.set(zone, byOffset);
}

/** What the time of a zone is called at an offset, where this file knows it. */
export function abbreviationOf(zone: string, offsetSeconds: number): string | undefined {
  return NAMES.get(zone)?.get(offsetSeconds);
}
