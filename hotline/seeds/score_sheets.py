"""The score sheets every installation starts with, one for each kind of work that is inspected.

Data, not rules: a supervisor or administrator publishes other versions. A criterion has points; one
without is knocked out by (一票否决): whoever breaks it has failed, whatever the points say.
"""

from dataclasses import dataclass

from models import Work


@dataclass(frozen=True)
class CriterionSeed:
    """What is looked at, and how much it is worth; 0: it knocks out."""

    name_zh: str
    name_en: str
    points: int


@dataclass(frozen=True)
class SectionSeed:
    """Criteria that belong together."""

    name_zh: str
    name_en: str
    criteria: tuple[CriterionSeed, ...]


C, S = CriterionSeed, SectionSeed
# fmt: off
SCORE_SHEETS: dict[Work, tuple[SectionSeed, ...]] = {
    Work.CALL: (
        S("开头语与服务态度", "Opening and manner", (
            C("报单位、问好，用语规范", "Greets, names the union, speaks by the standard", 5),
            C("耐心、不打断，安抚情绪", "Patient, does not interrupt, calms", 10),
        )),
        S("倾听与核实", "Listening and checking", (
            C("听清诉求，复述确认", "Understands the matter and repeats it", 10),
            C("核实来电人身份、单位与联系方式", "Checks who rings, the employer and how to reach them", 10),
        )),
        S("政策准确", "Correct policy", (
            C("答复依据正确、完整，分清会员与八大群体", "What is said is right and complete, also for members and the eight groups", 20),
            C("超出职责的，指引渠道正确", "Names the right channel for what is not ours", 5),
        )),
        S("记录完整", "Complete record", (
            C("诉求要点、时间、金额、人数记录齐全", "Points, dates, sums and numbers of people are written down", 10),
            C("类别、难度、紧急程度选择正确", "Category, difficulty and urgency are right", 5),
        )),
        S("转办准确", "Right hand-off", (
            C("主办单位正确，转办说明清楚", "The right department, and a clear note to it", 10),
        )),
        S("告知与承诺", "Telling and promising", (
            C("告知由谁办理、何时答复、查询码", "Says who has it, by when, and the query code", 10),
            C("不作单位没有答应的承诺", "Promises nothing that the department has not", 5),
        )),
        S("保密与脱敏", "Confidence", (
            C("未问能否向单位透露，或未记录保密要求", "Did not ask whether the employer may know, or did not write it down", 0),
            C("泄露来电人信息，或辱骂、推诿来电人", "Gave the caller away, abused or turned away the caller", 0),
        )),
    ),
    Work.ANSWER: (
        S("答其所问", "To the point", (
            C("逐条回应诉求，没有答非所问、避重就轻", "Answers every point; neither beside it nor played down", 25),
            C("答复口径清楚，来电人听得懂", "What the caller is told is clear and in plain words", 15),
        )),
        S("政策准确", "Correct policy", (
            C("依据正确、现行有效", "The rules named are right and in force", 20),
        )),
        S("办理扎实", "Sound work", (
            C("已联系来电人或单位核实情况", "Caller or employer was asked about the facts", 15),
            C("措施具体，未解决的说明原因与下一步", "Measures are concrete; what is not solved has reason and next step", 15),
        )),
        S("记录完整", "Complete record", (
            C("办理情况有时间、人员、经过", "The report names when, who and how", 10),
        )),
        S("保密与脱敏", "Confidence", (
            C("把投诉改成咨询，或应办未办、虚假答复", "Re-labelled a complaint as a question, did nothing, or answered untruly", 0),
            C("向单位或他人泄露来电人信息", "Gave the caller away to the employer or to others", 0),
        )),
    ),
    Work.CALLBACK: (
        S("回访规范", "By the rules", (
            C("先核对身份，再谈内容", "Makes sure who it is before speaking of the matter", 20),
            C("在约定时间、规范用语", "At the time agreed, in the standard words", 10),
        )),
        S("告知与承诺", "Telling and promising", (
            C("办理结果告知完整，与答复口径一致", "Tells the whole result, as the department worded it", 30),
            C("来电人的疑问当场答复或另行承诺", "Answers what the caller asks, or promises when", 10),
        )),
        S("如实评价", "True verdict", (
            C("三问齐全，未诱导满意", "Asks all three questions and leads to no verdict", 20),
            C("意见原话记录", "Writes down what the caller said in the caller's words", 10),
        )),
        S("保密与脱敏", "Confidence", (
            C("虚假回访，或替来电人评价", "Claimed a callback, or gave the verdict for the caller", 0),
            C("向他人透露诉求内容", "Spoke of the matter to somebody else", 0),
        )),
    ),
}
# fmt: on
