/** Words of a generated world. Their order matters: worlds contain indexes into these lists. */

const words = (text: string) => text.trim().split(/\s*,\s*/);

export const firstNames = words(`
  Amelia, Tony, Žana, Kevin, Noor, Mateo, Ingrid, Hiroshi, Fatima, Luka, Sofia, Emeka, Clara, Andrej, Priya, Jonas,
  Aisha, Marco, Elif, Daniel, Mei, Oliver, Zofia, Ravi, Hannah, Tomás, Leila, Viktor, Nina, Samuel, Yuki, Petra, Omar,
  Greta, Pavel, Chloé, Ibrahim, Maja, Felix, Anh, Lucía, Stefan, Naomi, Kofi, Eva, Rasmus, Tereza, Diego, Salma, Erik,
  Julia, Wei, Mirjam, Anton, Carmen, Bashir, Lena, Hugo, Ivana, Theo
`);

export const lastNames = words(`
  Novak, Mark, Kovač, Okafor, Lindqvist, Tanaka, Haddad, Horvat, Rossi, Fischer, Patel, Nguyen, Moreau, Silva, Jensen,
  Kaya, Cohen, Dubois, Nowak, Schmidt, Ferrari, Larsen, Petrov, Chen, Martínez, Weber, Andersson, Costa, Kim, Zupan,
  Bauer, Mensah, Olsen, Popescu, Garcia, Virtanen, Ahmed, Meyer, Bianchi, Krause, Sato, Vidal, Eriksen, Huber, Mwangi,
  Jovanović, Keller, Romano, Svensson, Walker, Bakker, Ivanova, Torres, Brandt, Farouk, Laine, Dvořák, Quinn, Yilmaz,
  Zimmermann, Barros, Egger, Hoxha, Lang, Marin, Nagy, Orsini, Peeters, Rahman, Steiner
`);

export const organizationFirstWords = words(`
  Alpine, Harbor, Northwind, Evergreen, Summit, Blue River, Cobalt, Lakeside, Granite, Silver Birch, Meridian, Oakfield,
  Polar, Red Cedar, Sunrise, Tidewater, Union, Vista, Westgate, Amber, Beacon, Coastal, Delta, Emerald, Foxglove, Garnet,
  Highland, Ironbridge, Juniper, Kestrel
`);

export const organizationSecondWords = words(`
  Logistics, Dental Group, Engineering, Foods, Legal, Architects, Insurance, Pharma, Textiles, Robotics, Travel,
  Consulting, Energy, Media, Furniture, Schools, Motors, Optics, Printing, Shipping, Software, Hotels, Analytics,
  Construction, Farms, Fitness, Instruments, Marine, Packaging, Ventures
`);

export const countries = words(`
  Slovenia, Germany, United States, Vietnam, Sweden, Japan, Italy, Poland, United Kingdom, France, Spain, Netherlands,
  Australia, Canada, Brazil, South Africa
`);

export const cities = words(`
  Ljubljana, Berlin, Boston, Hanoi, Malmö, Osaka, Turin, Gdańsk, Leeds, Lyon, Valencia, Utrecht, Perth, Toronto, Recife,
  Durban
`);

export const departments = words(`
  Sales, Finance, Engineering, Human Resources, Operations, Marketing, Legal, Support, Purchasing, Research
`);

export const jobTitles = words(`
  Account manager, Controller, Software developer, Recruiter, Dispatcher, Brand manager, Counsel, Support engineer,
  Buyer, Scientist, Team lead, Analyst
`);

/** Mailboxes without a user. */
export const sharedMailboxes = words(`info, sales, support, invoices, careers, press, reception, webshop`);

/** Texts of the older directory, by code of the batch endpoint (customers-batch page). */
export const jobStatusTexts = [
  'N/A',
  'Working',
  'Failed',
  'Waiting for configuration',
  'Multiple issues found',
  'Finished with exception',
  'No backup update',
];

/** Lower-case ASCII letters for an address or a domain. */
export function toPlain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[^a-zA-Z]/g, '')
    .toLowerCase();
}
