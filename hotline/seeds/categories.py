"""The categories every installation starts with: two levels, in both languages, and who leads.

Data, not rules: an administrator renames, adds and retires them afterwards. `initials` are the
pinyin initials by which an operator finds a leaf (tqgz for 拖欠工资).
"""

from dataclasses import dataclass

from models import DemandKind, Level

ASK = DemandKind.CONSULTATION
SERVICE = DemandKind.SERVICE
COMPLAINT = DemandKind.COMPLAINT
LEGAL = DemandKind.LEGAL_AID
SUGGESTION = DemandKind.SUGGESTION

EASY = Level.CONSULTATION
ORDINARY = Level.ORDINARY
DIFFICULT = Level.DIFFICULT


@dataclass(frozen=True)
class Leaf:
    """A category an operator picks. Sensitive ones show their text to fewer people."""

    code: str
    name_zh: str
    name_en: str
    initials: str
    demand_kind: DemandKind
    level: Level
    is_sensitive: bool = False
    is_confidential_by_default: bool = False


@dataclass(frozen=True)
class Group:
    """A category of the first level: the department with code `lead` leads all its leaves."""

    code: str
    name_zh: str
    name_en: str
    initials: str
    lead: str
    leaves: tuple[Leaf, ...]


# fmt: off
GROUPS = (
    Group("membership", "入会会员", "Membership", "rhhy", "org", (
        Leaf("join_how", "入会条件与方法", "How to join the union", "rhtjyff", ASK, EASY),
        Leaf("join_eight_groups", "八大群体入会", "Joining: the eight groups", "bdqtrh", ASK, EASY),
        Leaf("join_flexible", "灵活就业人员入会", "Joining: flexible workers", "lhjyryrh", ASK, EASY),
        Leaf("membership_transfer", "会籍转接", "Transfer of membership", "hjzj", SERVICE, ORDINARY),
        Leaf("member_record", "会员信息更正", "Correction of member records", "hyxxgz", SERVICE, ORDINARY),
        Leaf("join_by_code", "扫码入会", "Joining by QR code", "smrh", ASK, EASY),
    )),
    Group("founding", "建会与组织建设", "Founding a union", "jhyzzjs", "org", (
        Leaf("founding_policy", "建会政策", "Rules for founding a union", "jhzc", ASK, EASY),
        Leaf("founding_steps", "建会流程", "Steps to found a union", "jhlc", ASK, EASY),
        Leaf("joint_union", "联合工会", "Joint unions", "lhgh", ASK, EASY),
        Leaf("union_legal_person", "工会法人登记", "Registration as a legal person", "ghfrdj", ASK, EASY),
        Leaf("union_staff", "专职工会工作者", "Full-time union staff", "zzghgzz", ASK, ORDINARY),
        Leaf("founding_refused", "企业阻挠建会", "Employer obstructs founding", "qyznjh", COMPLAINT, DIFFICULT),
    )),
    Group("election", "选举换届", "Elections", "xjhj", "org", (
        Leaf("election_steps", "选举流程", "Election procedure", "xjlc", ASK, EASY),
        Leaf("term_overdue", "届满换届", "Overdue re-election", "jmhj", ASK, ORDINARY),
        Leaf("chair_change", "主席补选罢免", "Replacing or recalling a chair", "zxbxbm", ASK, ORDINARY),
        Leaf("women_committee", "女职工委员会组建", "Setting up a women's committee", "nzgwyhzj", ASK, EASY),
    )),
    Group("democracy", "民主管理", "Democratic management", "mzgl", "rights", (
        Leaf("workers_congress", "职代会", "Workers' congress", "zdh", ASK, EASY),
        Leaf("disclosure", "厂务公开", "Disclosure of company affairs", "cwgk", COMPLAINT, ORDINARY),
        Leaf("collective_contract", "集体协商与集体合同", "Collective bargaining and contracts", "jtxsyjtht", ASK, ORDINARY),
        Leaf("wage_bargaining", "工资集体协商", "Collective wage bargaining", "gzjtxs", ASK, ORDINARY),
    )),
    Group("funds", "工会经费", "Union funds", "ghjf", "finance", (
        Leaf("funds_rate", "经费拨缴", "Payment of union funds", "jfbj", ASK, EASY),
        Leaf("member_dues", "会费缴纳", "Membership dues", "hfjn", ASK, EASY),
        Leaf("funds_refund", "经费返还", "Refund of union funds", "jffh", SERVICE, ORDINARY),
        Leaf("funds_spending", "经费支出范围", "What funds may be spent on", "jfzcfw", ASK, EASY),
        Leaf("funds_receipts", "票据与税前扣除", "Receipts and tax deduction", "pjysqkc", ASK, EASY),
    )),
    Group("funds_review", "经费审查", "Audit of union funds", "jfsc", "funds_audit", (
        Leaf("funds_misuse", "经费使用举报", "Reported misuse of funds", "jfsyjb", COMPLAINT, DIFFICULT, is_sensitive=True),
        Leaf("audit_committee", "经审委员会设立", "Setting up an audit committee", "jswyhsl", ASK, EASY),
        Leaf("audit_follow_up", "审计与整改", "Audits and corrections", "sjyzg", ASK, ORDINARY),
    )),
    Group("pay", "劳动报酬", "Pay", "ldbc", "rights", (
        Leaf("unpaid_wages", "拖欠工资", "Unpaid wages", "tqgz", COMPLAINT, ORDINARY),
        Leaf("construction_wages", "工程建设欠薪", "Unpaid wages on building sites", "gcjsqx", COMPLAINT, DIFFICULT),
        Leaf("wage_deduction", "克扣工资", "Wage deductions", "kkgz", COMPLAINT, ORDINARY),
        Leaf("overtime_pay", "加班费", "Overtime pay", "jbf", ASK, ORDINARY),
        Leaf("minimum_wage", "最低工资", "Minimum wage", "zdgz", ASK, EASY),
        Leaf("bonus", "奖金提成", "Bonuses and commissions", "jjtc", ASK, ORDINARY),
    )),
    Group("contract", "劳动合同", "Labour contracts", "ldht", "rights", (
        Leaf("no_contract", "未签书面合同", "No written contract", "wqsmht", COMPLAINT, ORDINARY),
        Leaf("dismissal", "解除与终止", "Dismissal and termination", "jcyzz", COMPLAINT, ORDINARY),
        Leaf("severance", "经济补偿", "Severance pay", "jjbc", ASK, ORDINARY),
        Leaf("layoffs", "经济性裁员", "Layoffs", "jjxcy", ASK, DIFFICULT),
        Leaf("agency_work", "劳务派遣", "Agency work", "lwpq", ASK, ORDINARY),
        Leaf("non_compete", "竞业限制", "Non-compete clauses", "jyxz", ASK, EASY),
    )),
    Group("insurance", "社会保险", "Social insurance", "shbx", "rights", (
        Leaf("insurance_unpaid", "未缴社保", "Contributions not paid", "wjsb", COMPLAINT, ORDINARY),
        Leaf("insurance_gap", "断缴补缴", "Gaps and back payment", "djbj", ASK, ORDINARY),
        Leaf("insurance_transfer", "社保转移接续", "Transfer of insurance", "sbzyjx", ASK, EASY),
        Leaf("insurance_benefits", "社保待遇", "Insurance benefits", "sbdy", ASK, EASY),
        Leaf("housing_fund", "住房公积金", "Housing fund", "zfgjj", ASK, ORDINARY),
    )),
    Group("injury", "工伤职业病", "Work injury and disease", "gszyb", "rights", (
        Leaf("injury_recognition", "工伤认定", "Recognition of work injury", "gsrd", LEGAL, DIFFICULT, is_sensitive=True),
        Leaf("injury_benefits", "工伤待遇", "Work injury benefits", "gsdy", LEGAL, DIFFICULT, is_sensitive=True),
        Leaf("occupational_disease", "职业病", "Occupational disease", "zyb", LEGAL, DIFFICULT, is_sensitive=True),
        Leaf("heat_protection", "高温与劳动保护", "Heat and labour protection", "gwyldbh", COMPLAINT, ORDINARY),
        Leaf("safety_hazard", "安全隐患", "Safety hazards", "aqyh", COMPLAINT, ORDINARY),
    )),
    Group("leave", "休息休假", "Rest and leave", "xxxj", "rights", (
        Leaf("annual_leave", "年休假", "Annual leave", "nxj", ASK, EASY),
        Leaf("excess_hours", "超时加班", "Excessive hours", "csjb", COMPLAINT, ORDINARY),
        Leaf("public_holidays", "法定节假日", "Public holidays", "fdjjr", ASK, EASY),
        Leaf("family_leave", "婚丧与育儿假", "Marriage, bereavement and childcare leave", "hsyyej", ASK, EASY),
        Leaf("sick_leave", "病假与医疗期", "Sick leave", "bjyylq", ASK, ORDINARY),
    )),
    Group("disputes", "劳动争议法律援助", "Disputes and legal aid", "ldzyflyz", "rights", (
        Leaf("mediation", "调解申请", "Mediation", "tjsq", LEGAL, ORDINARY),
        Leaf("arbitration_guide", "仲裁指引", "Guide to arbitration", "zczy", ASK, EASY),
        Leaf("lawyer_advice", "律师咨询", "Advice from a lawyer", "lszx", LEGAL, ORDINARY),
        Leaf("legal_aid", "法律援助申请", "Application for legal aid", "flyzsq", LEGAL, ORDINARY),
        Leaf("labour_supervision", "劳动法律监督", "Union supervision of labour law", "ldfljd", COMPLAINT, DIFFICULT),
    )),
    Group("women", "女职工权益", "Women workers' rights", "nzgqy", "women", (
        Leaf("maternity_protection", "孕产哺乳期保护", "Protection in pregnancy and nursing", "ycbrqbh", COMPLAINT, ORDINARY, is_sensitive=True),
        Leaf("sex_discrimination", "就业性别歧视", "Sex discrimination", "jyxbqs", COMPLAINT, DIFFICULT, is_sensitive=True),
        Leaf("harassment", "职场性骚扰", "Sexual harassment at work", "zcxsr", COMPLAINT, DIFFICULT, is_sensitive=True, is_confidential_by_default=True),
        Leaf("nursing_room", "母婴室与托育", "Nursing rooms and childcare", "mysyty", SUGGESTION, ORDINARY),
    )),
    Group("mutual", "互助保障与互助服务卡", "Mutual aid and service card", "hzbzyhzfwk", "service", (
        Leaf("card_apply", "互助服务卡办理", "Applying for the card", "hzfwkbl", ASK, EASY),
        Leaf("card_replace", "补卡换卡", "Replacing the card", "bkhk", SERVICE, ORDINARY),
        Leaf("medical_refund", "二次报销", "Second medical refund", "ecbx", SERVICE, ORDINARY),
        Leaf("mutual_claim", "互助理赔", "Mutual aid claims", "hzlp", SERVICE, ORDINARY, is_sensitive=True),
        Leaf("member_offers", "会员优惠", "Offers for members", "hyyh", ASK, EASY),
    )),
    Group("aid", "帮扶救助", "Help in hardship", "bfjz", "service", (
        Leaf("hardship_file", "困难职工建档", "Hardship registration", "knzgjd", SERVICE, ORDINARY, is_sensitive=True),
        Leaf("serious_illness", "大病救助", "Help in serious illness", "dbjz", SERVICE, ORDINARY, is_sensitive=True),
        Leaf("school_aid", "金秋助学", "School aid", "jqzx", SERVICE, ORDINARY),
        Leaf("winter_visit", "送温暖慰问", "Visits and care parcels", "swnww", ASK, EASY),
    )),
    Group("jobs", "就业培训", "Jobs and training", "jypx", "service", (
        Leaf("job_search", "招聘求职", "Finding work", "zpqz", SERVICE, ORDINARY),
        Leaf("skills_training", "技能培训", "Skills training", "jnpx", ASK, EASY),
        Leaf("degree_support", "学历提升", "Help towards a degree", "xlts", ASK, EASY),
    )),
    Group("home", "职工之家与阵地", "Workers' homes and places", "zgzjyzd", "org", (
        Leaf("model_home", "职工之家评定", "Rating of workers' homes", "zgzjpd", ASK, EASY),
        Leaf("reading_room", "职工书屋", "Workers' reading rooms", "zgsw", SERVICE, ORDINARY),
        Leaf("rest_station", "暖心驿站", "Rest stations", "nxyz", SUGGESTION, ORDINARY),
        Leaf("home_funding", "阵地建设经费", "Funds for places", "zdjsjf", ASK, ORDINARY),
    )),
    Group("honours", "劳模竞赛创新", "Honours, contests, innovation", "lmjscx", "economy", (
        Leaf("model_worker", "劳模评选", "Choosing model workers", "lmpx", ASK, EASY),
        Leaf("model_benefits", "劳模待遇", "Benefits of model workers", "lmdy", SERVICE, ORDINARY),
        Leaf("may_day_award", "五一奖与先锋号", "May Day and pioneer awards", "wyjyxfh", ASK, EASY),
        Leaf("innovation_studio", "创新工作室", "Innovation studios", "cxgzs", ASK, ORDINARY),
        Leaf("recuperation", "疗休养", "Recuperation stays", "lxy", ASK, EASY),
    )),
    Group("culture", "文体宣教", "Culture and education", "wtxj", "publicity", (
        Leaf("sports_events", "文体活动", "Sport and culture", "wthd", ASK, EASY),
        Leaf("counselling", "心理关爱", "Counselling", "xlga", SERVICE, ORDINARY, is_sensitive=True),
        Leaf("matchmaking", "婚恋联谊", "Social events for singles", "hlly", ASK, EASY),
        Leaf("volunteering", "志愿服务", "Volunteering", "zyfw", ASK, EASY),
    )),
    Group("union_work", "对工会工作的建议投诉", "Our own work", "dghgzdjyts", "office", (
        Leaf("service_attitude", "服务态度", "Attitude of staff", "fwtd", COMPLAINT, ORDINARY),
        Leaf("suggestions", "工作建议", "Suggestions", "gzjy", SUGGESTION, ORDINARY),
        Leaf("praise", "表扬感谢", "Praise and thanks", "bygx", SUGGESTION, EASY),
        Leaf("cadre_conduct", "工会干部问题反映", "Conduct of union officers", "ghgbwtfy", COMPLAINT, DIFFICULT, is_sensitive=True),
    )),
    Group("outside", "非受理转出", "Outside our remit", "fslzc", "hotline", (
        Leaf("city_services", "城市管理类转12345", "City matters: 12345", "csgllz12345", ASK, EASY),
        Leaf("already_in_court", "已在仲裁诉讼中", "Already before a court", "yzzcssz", ASK, EASY),
        Leaf("emergency", "紧急求助", "Emergency", "jjqz", SERVICE, ORDINARY, is_sensitive=True),
        Leaf("no_matter", "无诉求电话", "Call without a matter", "wsqdh", ASK, EASY),
    )),
)
# fmt: on
