"""Titles of the problems a server answers with: the English is the code itself, the Chinese stands here."""

from __future__ import annotations

PROBLEMS: dict[str, str] = {
    # ours
    "backend": "存储不可用",
    "broken-rule": "该调整违反规则",
    "busy": "服务器繁忙",
    "conflict": "内容已被更改",
    "error": "错误",
    "forbidden": "权限不足",
    "infeasible": "已证明无解",
    "input": "输入有误",
    "internal": "服务器内部错误",
    "lost": "计算中断",
    "merge-conflict": "合并有冲突",
    "not-found": "未找到",
    "nowhere": "地点不存在",
    "precondition-required": "缺少前提条件",
    "refused": "不能这样修改",
    "request": "请求有误",
    "schema": "内容不符合格式",
    "too-many": "请求过多",
    "too-many-jobs": "任务过多",
    "unauthorized": "需要密钥",
    "unproven": "未能证明全覆盖",
    "used-key": "幂等键已用于其他请求",
    # of HTTP itself
    "bad-gateway": "网关错误",
    "bad-request": "请求有误",
    "expectation-failed": "无法满足期望",
    "failed-dependency": "依赖的操作失败",
    "gateway-timeout": "网关超时",
    "gone": "内容已移除",
    "http-version-not-supported": "不支持此 HTTP 版本",
    "i'm-a-teapot": "我是茶壶",
    "internal-server-error": "服务器内部错误",
    "length-required": "缺少内容长度",
    "locked": "内容已锁定",
    "method-not-allowed": "不支持此方法",
    "misdirected-request": "请求发错了服务器",
    "not-acceptable": "无法提供所要的格式",
    "not-implemented": "尚不支持",
    "permanent-redirect": "地址已变更",
    "precondition-failed": "前提条件不成立",
    "request-entity-too-large": "内容过大",
    "request-header-fields-too-large": "请求头过大",
    "request-timeout": "请求超时",
    "request-uri-too-long": "地址过长",
    "requested-range-not-satisfiable": "无法提供所要的范围",
    "service-unavailable": "服务暂不可用",
    "too-many-requests": "请求过多",
    "unavailable-for-legal-reasons": "因法律原因不可用",
    "unprocessable-entity": "内容无法处理",
    "unsupported-media-type": "不支持此媒体类型",
}


def titled(code: str, lang: str) -> str:
    """The title of a problem, the same at each occurrence.

    >>> titled("too-many-jobs", "en"), titled("too-many-jobs", "zh"), titled("nobody-foresaw", "zh")
    ('Too many jobs', '任务过多', 'Nobody foresaw')
    """
    english = code.replace("-", " ").capitalize()
    return PROBLEMS.get(code, english) if lang == "zh" else english
