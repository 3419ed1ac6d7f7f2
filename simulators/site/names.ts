/** Believable names for a generated site; any likeness to a real tenant is chance. */
import type { Random } from '../random.ts';

export const commercialNames = [
  '明珠广场 Pearl Plaza',
  '江南里 Jiangnan Lane',
  '海棠天地 Crabapple Court',
  '新桥中心 New Bridge Centre',
];
export const residentialNames = [
  '青年公寓 Youth Residence',
  '柳岸小区 Willow Bank',
  '学苑楼 Scholars Hall',
  '和平里 Peace Lane',
];

export const shopNames = [
  '林记面馆 Lin Noodles',
  'Blue Door Coffee',
  '百味鲜果 Fresh Fruit',
  '小满书店 Grain Rain Books',
  '老张火锅 Zhang Hotpot',
  'Lotus Nail Studio',
  '康宁药房 Kangning Pharmacy',
  'Maple Bakery',
  '星星童装 Little Star',
  '大发五金 Dafa Hardware',
  'Kite Sports',
  '云上茶社 Cloud Tea House',
  '美佳便利 Meijia Mart',
  '阿婆糖水 Granny Desserts',
  'Orange Optics',
  '福满楼 Fortune Kitchen',
  '青禾花店 Green Rice Florist',
  'Panda Laundry',
  '一品鲜鱼 Best Fish',
  '巧手裁缝 Deft Tailor',
];

export const officeNames = [
  '博远科技 Boyuan Tech',
  'Harbour Design',
  '正衡会计 Zhengheng Accounting',
  '蓝海物流 Blue Sea Logistics',
  'North Star Travel',
  '知行教育 Zhixing Learning',
  'Redwood Legal',
  '启明软件 Qiming Software',
  '东方广告 Orient Media',
  'Silk Road Trading',
];

const surnames = [
  '王 Wang',
  '李 Li',
  '张 Zhang',
  '刘 Liu',
  '陈 Chen',
  '杨 Yang',
  '赵 Zhao',
  '黄 Huang',
  '周 Zhou',
  '吴 Wu',
  '徐 Xu',
  '孙 Sun',
];
const givenNames = [
  '伟 Wei',
  '芳 Fang',
  '敏 Min',
  '静 Jing',
  '磊 Lei',
  '洋 Yang',
  '艳 Yan',
  '勇 Yong',
  '娟 Juan',
  '杰 Jie',
  '涛 Tao',
  '明 Ming',
];

export function pick<T>(list: readonly T[], random: Random): T {
  const item = list[Math.floor(random() * list.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

/** 王伟 Wang Wei */
export function personName(random: Random): string {
  const [family = '', familyLatin = ''] = pick(surnames, random).split(' ');
  const [given = '', givenLatin = ''] = pick(givenNames, random).split(' ');
  return `${family}${given} ${familyLatin} ${givenLatin}`;
}

/** A number range nobody is given: 170 0000 xxxx stands in for a mobile. */
export function phoneNumber(random: Random): string {
  return `1700000${String(Math.floor(random() * 10_000)).padStart(4, '0')}`;
}
